#!/usr/bin/env bash
# httpx 0.28.1 (PyPI), beside requests 2.34.2 (PyPI): one line of JSON that holds a line separator (U+2028) or a next line (U+0085) is two lines.
# Expected: JSON allows both unescaped within a text, and lines of JSON (Loki's tail, Kubernetes' watch, answers of models as they are written) end with a line feed.
# Seen: Response.iter_lines() and aiter_lines() cut wherever str.splitlines does, so that neither half can be read; such a sign comes with a text that was copied from a document.
. "$(dirname "$0")/lib.sh"
python httpx==0.28.1 requests==2.34.2 <<'PROGRAM'
import io
import json

import httpx
import requests

body = "".join(json.dumps({"line": f"one{sign}two"}, ensure_ascii=False) + "\n" for sign in "\u2028\u0085").encode()
print("httpx", len(list(httpx.Response(200, content=body).iter_lines())), "lines")
answer = requests.Response()
answer.raw = io.BytesIO(body)
print("requests", len(list(answer.iter_lines())), "lines")
PROGRAM
seen "httpx 4 lines" "requests 2 lines"
