#!/usr/bin/env bash
# cefevent 0.5.6 writing, pycef 1.11 (PyPI) and nsyslog-parser 0.10.1 (npm) reading: an escaped pipe in the name of an event, an escaped equals sign in its message.
# Expected: ArcSight's "Implementing CEF": a pipe in the header and an equals sign in the extension are escaped with a backslash; readers undo it.
# Seen: pycef reads name and severity as part of an extension's key and keeps the backslashes; nsyslog-parser loses what follows the equals sign.
. "$(dirname "$0")/lib.sh"
python cefevent==0.5.6 pycef==1.11 <<'PROGRAM'
import pycef
from cefevent import CEFEvent

event = CEFEvent()
for field, value in {"name": "disk|inode", "message": "used=99 of 100", "sourceAddress": "10.0.0.1", "severity": 9}.items():
    event.set_field(field, value)
text = event.build_cef()
open("event", "w").write(text)
read = pycef.parse(text)
print("python name", repr(read["Name"]), "severity", read.get("Severity"), "msg", next(repr(value) for key, value in read.items() if key.endswith("msg")))
PROGRAM
mv out before.out
node_program nsyslog-parser@0.10.1 <<'PROGRAM'
import fs from "node:fs";
import { createRequire } from "node:module";
const { cef, fields } = createRequire(import.meta.url)("nsyslog-parser")(fs.readFileSync("event", "utf8"));
console.log("node name", cef.name, "msg", fields.msg);
PROGRAM
cat before.out >>out
seen "python name '' severity None msg 'used\\\\=99 of 100'" 'node name disk\|inode msg used\ of 100'
