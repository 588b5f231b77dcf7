#!/usr/bin/env bash
# bytes 3.1.2 (npm; what Express' body-parser and raw-body read their limit with): "10MiB" and "10M" are ten bytes.
# Expected: null, as its documentation says of what cannot be read ("Return null upon error"), or 10485760.
# Seen: a unit that it does not know is dropped, and the number is taken for bytes; null is returned for text without a number only.
. "$(dirname "$0")/lib.sh"
node_program bytes@3.1.2 <<'PROGRAM'
import bytes from "bytes";
for (const text of ["10MB", "10MiB", "10M", "1e3", "many"]) console.log(text, bytes.parse(text));
PROGRAM
seen "10MB 10485760" "10MiB 10" "10M 10" "1e3 1" "many null"
