#!/usr/bin/env bash
# dotenv 18.0.10 (npm) and gotenv v1.6.0 (Go; Viper's reader) against python-dotenv 1.2.4 (PyPI) and compose-go v2.16.2 (Docker Compose): the line PASSWORD=p@ss#1 of one .env file.
# Expected: p@ss#1: in a shell, in Compose's own rules and in python-dotenv a comment begins at a # after a blank.
# Seen: two of four cut the value at the #, without a warning: the program that is started by hand has another password than its container.
. "$(dirname "$0")/lib.sh"
echo 'PASSWORD=p@ss#1' >.env
python python-dotenv==1.2.4 <<'PROGRAM'
from dotenv import dotenv_values

print("python-dotenv", dotenv_values(".env")["PASSWORD"])
PROGRAM
mv out python.out
node_program dotenv@18.0.10 <<'PROGRAM'
import { readFileSync } from "node:fs";
import { parse } from "dotenv";
console.log("dotenv", parse(readFileSync(".env")).PASSWORD);
PROGRAM
mv out node.out
golang github.com/subosito/gotenv@v1.6.0 github.com/compose-spec/compose-go/v2@v2.16.2 <<'PROGRAM'
package main

import (
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/subosito/gotenv"
)

func main() {
	file, _ := os.Open(".env")
	fmt.Println("gotenv", gotenv.Parse(file)["PASSWORD"])
	values, err := dotenv.Read(".env")
	fmt.Println("compose-go", values["PASSWORD"], err)
}
PROGRAM
cat python.out node.out >>out
seen "python-dotenv p@ss#1" "dotenv p@ss" "gotenv p@ss" "compose-go p@ss#1 <nil>"
