#!/usr/bin/env bash
# orjson 3.13.0 (PyPI), beside json of Python 3.11, ujson 6.1.0 and msgspec 0.22.0 (PyPI): the integer 18446744073709551616 is read as a float.
# Expected: an integer, as all others read it, or an error: its README: "deserializes 64-bit integers … The range supported is …"; dumps of the same number raises.
# Seen: 1.8446744073709552e+19, silently: two ids of 128 bits that differ in their last digits are equal.
. "$(dirname "$0")/lib.sh"
python orjson==3.13.0 ujson==6.1.0 msgspec==0.22.0 <<'PROGRAM'
import json

import msgspec
import orjson
import ujson

text = "18446744073709551617"
for name, read in {"json": json.loads, "ujson": ujson.loads, "msgspec": msgspec.json.decode, "orjson": orjson.loads}.items():
    print(name, repr(read(text)), read(text) == read("18446744073709551616"))
try:
    orjson.dumps(int(text))
except TypeError as error:
    print("orjson writes", error)
PROGRAM
seen "json 18446744073709551617 False" "ujson 18446744073709551617 False" "msgspec 18446744073709551617 False" "orjson 1.8446744073709552e+19 True" \
    "orjson writes Integer exceeds 64-bit range"
