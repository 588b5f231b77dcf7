#!/usr/bin/env bash
# podman-compose 1.6.0 (PyPI) and compose-go v2.16.2 (the library of Docker Compose): one .env file, two values: $HOST is replaced by one
# of them and left as it is by the other, which replaces ${HOST} only.
# Expected: the specification of the .env file says both $VAR and ${VAR} are interpolated in values without single quotes.
# Seen: URL=http://$HOST/ is "http://web/" under compose-go, "http://$HOST/" under podman-compose, without an error.
. "$(dirname "$0")/lib.sh"
cat >.env <<'DOTENV'
HOST=web
PLAIN=http://$HOST/
BRACES=http://${HOST}/
DOTENV
cat >compose.yml <<'COMPOSE'
services: {app: {image: example, environment: {PLAIN: "${PLAIN}", BRACES: "${BRACES}"}}}
COMPOSE
python podman-compose==1.6.0 <<'PROGRAM'
import subprocess
import sys

import yaml

command = [sys.executable, "-m", "podman_compose", "-f", "compose.yml", "config"]
text = subprocess.run(command, capture_output=True, text=True).stdout
for name, value in yaml.safe_load(text)["services"]["app"]["environment"].items():
    print("podman-compose", name, value)
PROGRAM
mv out podman.out
golang github.com/compose-spec/compose-go/v2@v2.16.2 <<'PROGRAM'
package main

import (
	"context"
	"fmt"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	options, _ := cli.NewProjectOptions([]string{"compose.yml"}, cli.WithName("finding"), cli.WithEnvFiles(), cli.WithDotEnv)
	project, err := options.LoadProject(context.Background())
	if err != nil {
		panic(err)
	}
	for name, value := range project.Services["app"].Environment {
		fmt.Println("compose-go", name, *value)
	}
}
PROGRAM
cat podman.out >>out
seen 'podman-compose PLAIN http://$HOST/' "compose-go PLAIN http://web/" "podman-compose BRACES http://web/" "compose-go BRACES http://web/"
