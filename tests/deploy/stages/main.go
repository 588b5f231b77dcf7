// Runs lines through the stages of a loki.process block that read and rewrite values, with the engines that Alloy has: Go's
// regular expressions, JMESPath, and Go's templates with sprig's functions over Go's own. What a stage cannot read it leaves.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/jmespath/go-jmespath"
)

type stage struct {
	Kind        string            `json:"kind"`
	Expression  string            `json:"expression"`
	Expressions map[string]string `json:"expressions"`
	Source      string            `json:"source"`
	Template    string            `json:"template"`
}

type work struct {
	Stages []stage  `json:"stages"`
	Lines  []string `json:"lines"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func byPattern(each stage, line string, values map[string]any) {
	pattern := regexp.MustCompile(each.Expression)
	found := pattern.FindStringSubmatch(line)
	for place, name := range pattern.SubexpNames() {
		if found != nil && name != "" {
			values[name] = found[place]
		}
	}
}

func byJSON(each stage, line string, values map[string]any) {
	var read any
	if json.Unmarshal([]byte(line), &read) != nil {
		return
	}
	for name, expression := range each.Expressions {
		if expression == "" {
			expression = name
		}
		found, err := jmespath.Search(expression, read)
		must(err)
		values[name] = found
	}
}

func byTemplate(each stage, values map[string]any) {
	functions := template.FuncMap{"ToLower": strings.ToLower, "ToUpper": strings.ToUpper}
	made, err := template.New("").Funcs(sprig.GenericFuncMap()).Funcs(functions).Parse(each.Template)
	must(err)
	given := map[string]any{}
	for name, value := range values {
		if value != nil {
			given[name] = fmt.Sprint(value)
		}
	}
	given["Value"] = ""
	if value, known := given[each.Source]; known {
		given["Value"] = value
	}
	var out bytes.Buffer
	if made.Execute(&out, given) != nil {
		return
	}
	values[each.Source] = out.String()
}

func main() {
	var given work
	must(json.NewDecoder(os.Stdin).Decode(&given))
	answers := []map[string]any{}
	for _, line := range given.Lines {
		values := map[string]any{}
		for _, each := range given.Stages {
			switch each.Kind {
			case "stage.regex":
				byPattern(each, line, values)
			case "stage.json":
				byJSON(each, line, values)
			case "stage.template":
				byTemplate(each, values)
			}
		}
		answers = append(answers, values)
	}
	must(json.NewEncoder(os.Stdout).Encode(answers))
}
