#!/usr/bin/env bash
# rfc5424-logging-handler 1.4.3 writing, syslog-rfc5424-parser 0.2.0 (PyPI), nsyslog-parser 0.10.1 (npm) and go-syslog v4.6.0 (Go) reading: structured data with an escaped quotation mark or bracket.
# Expected: RFC 5424, 6.3.3: in a PARAM-VALUE '"', '\' and ']' MUST be escaped with a backslash; readers undo it.
# Seen: of three readers one refuses the message, one finds no structured data and puts it into the text; go-syslog alone is right.
. "$(dirname "$0")/lib.sh"
python rfc5424-logging-handler==1.4.3 syslog-rfc5424-parser==0.2.0 <<'PROGRAM'
import logging
import socket

from rfc5424logging import Rfc5424SysLogHandler
from syslog_rfc5424_parser import ParseError, SyslogMessage

listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("127.0.0.1", 0))
listener.settimeout(10)
handler = Rfc5424SysLogHandler(address=listener.getsockname(), enterprise_id=1, utc_timestamp=True)
for name, value in (("plain", "a"), ("escaped", 'queue["a"]')):
    record = logging.makeLogRecord({"msg": "full", "levelname": "INFO", "levelno": 20, "structured_data": {"x": {"where": value}}})
    handler.handle(record)
    text = listener.recv(9999).decode()
    open(name, "w").write(text)
    try:
        print("python", name, SyslogMessage.parse(text).as_dict()["sd"])
    except ParseError:
        print("python", name, "refused")
PROGRAM
mv out before.out
node_program nsyslog-parser@0.10.1 <<'PROGRAM'
import fs from "node:fs";
import { createRequire } from "node:module";
const parse = createRequire(import.meta.url)("nsyslog-parser");
for (const name of ["plain", "escaped"]) console.log("node", name, JSON.stringify(parse(fs.readFileSync(name, "utf8")).structuredData));
PROGRAM
cat out >>before.out
golang github.com/leodido/go-syslog/v4@v4.6.0 <<'PROGRAM'
package main

import (
	"fmt"
	"os"

	"github.com/leodido/go-syslog/v4/rfc5424"
)

func main() {
	for _, name := range []string{"plain", "escaped"} {
		text, _ := os.ReadFile(name)
		message, err := rfc5424.NewParser().Parse(text)
		if err != nil {
			panic(err)
		}
		fmt.Println("go", name, *message.(*rfc5424.SyslogMessage).StructuredData)
	}
}
PROGRAM
cat before.out >>out
seen "python plain {'x@1': {'where': 'a'}}" "python escaped refused" 'node plain [{"$id":"x@1","where":"a"}]' "node escaped []" 'go escaped map[x@1:map[where:queue["a"]]]'
