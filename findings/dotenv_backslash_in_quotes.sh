#!/usr/bin/env bash
# python-dotenv 1.2.4 (PyPI), dotenv 18.0.10 (npm), gotenv v1.6.0 and compose-go v2.16.2 (Go): a value in double quotation marks with escapes in it.
# Expected: one reading: {"a": 1} for "{\"a\": 1}", as a shell has it.
# Seen: dotenv keeps the backslashes, so that a JSON value is no JSON; of "a\tb" two make a tab, one leaves it, and one drops the backslash.
. "$(dirname "$0")/lib.sh"
printf '%s\n' 'JSON="{\"a\": 1}"' 'TAB="a\tb"' >.env
python python-dotenv==1.2.4 <<'PROGRAM'
from dotenv import dotenv_values

for name, value in dotenv_values(".env").items():
    print("python-dotenv", name, value.replace("\t", "<tab>"))
PROGRAM
mv out python.out
node_program dotenv@18.0.10 <<'PROGRAM'
import { readFileSync } from "node:fs";
import { parse } from "dotenv";
for (const [name, value] of Object.entries(parse(readFileSync(".env")))) console.log("dotenv", name, value.replace("\t", "<tab>"));
PROGRAM
mv out node.out
golang github.com/subosito/gotenv@v1.6.0 github.com/compose-spec/compose-go/v2@v2.16.2 <<'PROGRAM'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/subosito/gotenv"
)

func main() {
	file, _ := os.Open(".env")
	one := gotenv.Parse(file)
	other, _ := dotenv.Read(".env")
	for _, name := range []string{"JSON", "TAB"} {
		fmt.Println("gotenv", name, strings.ReplaceAll(one[name], "\t", "<tab>"))
		fmt.Println("compose-go", name, strings.ReplaceAll(other[name], "\t", "<tab>"))
	}
}
PROGRAM
cat python.out node.out >>out
seen 'python-dotenv JSON {"a": 1}' 'dotenv JSON {\"a\": 1}' 'gotenv JSON {"a": 1}' "python-dotenv TAB a<tab>b" 'dotenv TAB a\tb' "gotenv TAB atb"
