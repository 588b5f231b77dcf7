#!/usr/bin/env bash
# discord.py 2.7.1 (PyPI): remove_markdown removes a masked link with its text, and the underscores of ordinary names.
# Expected: "removes markdown characters": Discord shows [runbook](address) as "runbook", and web_1 as "web_1" (one underscore is no markup).
# Seen: the text is gone; "see [runbook](…) of db_main_1" becomes "see  of dbmain1", a host that does not exist.
. "$(dirname "$0")/lib.sh"
python discord.py==2.7.1 <<'PROGRAM'
from discord.utils import remove_markdown

print(repr(remove_markdown("see [runbook](https://example.org/r) of db_main_1")))
PROGRAM
seen "'see  of dbmain1'"
