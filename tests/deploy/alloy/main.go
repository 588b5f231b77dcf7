// Parses Alloy files with Alloy's own parser, and prints the blocks and attributes it found, one JSON object for each file.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/alloy/syntax/ast"
	"github.com/grafana/alloy/syntax/parser"
)

type block struct {
	Name       string   `json:"name"`
	Label      string   `json:"label"`
	Attributes []string `json:"attributes"`
	Blocks     []block  `json:"blocks"`
}

func read(body ast.Body) ([]string, []block) {
	attributes, blocks := []string{}, []block{}
	for _, statement := range body {
		switch each := statement.(type) {
		case *ast.AttributeStmt:
			attributes = append(attributes, each.Name.Name)
		case *ast.BlockStmt:
			found, inner := read(each.Body)
			blocks = append(blocks, block{each.GetBlockName(), each.Label, found, inner})
		}
	}
	return attributes, blocks
}

func main() {
	for _, path := range os.Args[1:] {
		data, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		file, err := parser.ParseFile(path, data)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		_, blocks := read(file.Body)
		json.NewEncoder(os.Stdout).Encode(blocks)
	}
}
