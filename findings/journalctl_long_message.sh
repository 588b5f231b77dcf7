#!/usr/bin/env bash
# journalctl 252 (systemd; Debian): with -o json a message of 5,000 characters is null, and one with colours is a list of numbers.
# Expected: the text, which -o short and -o cat show whole; JSON has no limit of length, and escapes control characters.
# Seen: "MESSAGE":null for just the lines that hold a stack trace in one, unless --all is given, and [27,91,51,49,…] for a level that was written in red: who sends
# the journal on as JSON, or looks for ERROR in it, finds neither.
. "$(dirname "$0")/lib.sh"
debian systemd-journal-remote 252.39-1~deb12u2
python3 - >entries <<'PROGRAM'
import struct
import sys

for number, message in enumerate((b"ERROR no answer", b"\x1b[31mERROR\x1b[0m no answer", b"ERROR " + b"at shop.Orders.pay " * 263)):
    clock = f"__REALTIME_TIMESTAMP={1795960000000000 + number}\n__MONOTONIC_TIMESTAMP={number + 1}\n_BOOT_ID={'a' * 32}\nMESSAGE\n"
    sys.stdout.buffer.write(clock.encode() + struct.pack("<Q", len(message)) + message + b"\n\n")
PROGRAM
/lib/systemd/systemd-journal-remote --output="$dir/shop.journal" entries >remote.log 2>&1
said() { journalctl --file=shop.journal "$@" 2>/dev/null; }
{
    said --output=json | jq --compact-output '.MESSAGE | [type, length]'
    echo "cat: $(said --output=cat | awk '{print length}' | sort --numeric-sort | tail --lines=1), all: $(said --output=json --all | jq '.MESSAGE | length' | tail --lines=1)"
} | tee out
seen '["string",15]' '["array",24]' '["null",0]' 'cat: 5003, all: 5003'
