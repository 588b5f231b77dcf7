// Loads a compose file as Docker Compose does, with its own loader and schema, and prints the services as JSON.
// Usage: compose <file> <profile> [NAME=value …]
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	options, err := cli.NewProjectOptions(
		[]string{os.Args[1]}, cli.WithProfiles([]string{os.Args[2]}), cli.WithEnv(os.Args[3:]), cli.WithResolvedPaths(false))
	if err == nil {
		project, failed := options.LoadProject(context.Background())
		if err = failed; err == nil {
			err = json.NewEncoder(os.Stdout).Encode(project)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
