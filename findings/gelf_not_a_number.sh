#!/usr/bin/env bash
# graypy 2.1.0 and pygelf 0.4.3 (PyPI): a log record with a field that is NaN is sent as a GELF message that is no JSON.
# Expected: GELF is JSON, which has no NaN (RFC 8259, section 6), and a field of GELF is a text or a number.
# Seen: "_ratio":NaN in both; a strict reader refuses the whole line, so that it is missing where it is looked for. graypy calls itself version 1.0, too.
. "$(dirname "$0")/lib.sh"
python graypy==2.1.0 pygelf==0.4.3 <<'PROGRAM'
import json
import logging
import socket
import zlib

import graypy
import pygelf


def strict(constant):
    raise ValueError(constant + " is no JSON")


listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("127.0.0.1", 0))
listener.settimeout(10)
port = listener.getsockname()[1]
for handler in (graypy.GELFUDPHandler("127.0.0.1", port), pygelf.GelfUdpHandler("127.0.0.1", port, include_extra_fields=True)):
    logger = logging.Logger("finding")
    logger.addHandler(handler)
    for ratio in (0.5, float("nan")):
        logger.error("too few", extra={"ratio": ratio})
        text = zlib.decompress(listener.recv(9999)).decode()
        try:
            read = json.loads(text, parse_constant=strict)
            print(type(handler).__module__.split(".")[0], read["version"], read["_ratio"])
        except ValueError as error:
            print(type(handler).__module__.split(".")[0], error)
PROGRAM
seen "graypy 1.0 0.5" "graypy NaN is no JSON" "pygelf 1.1 0.5" "pygelf NaN is no JSON"
