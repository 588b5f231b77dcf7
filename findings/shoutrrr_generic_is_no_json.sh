#!/usr/bin/env bash
# shoutrrr v0.8.0 (Go; what Watchtower and others notify with): generic:// without a template sends plain text as Content-Type: application/json.
# Expected: a body that is what its Content-Type says; the message as text/plain, or a JSON string.
# Seen: the bare words, which no reader of JSON takes; Send returns no error where the receiver does not look.
. "$(dirname "$0")/lib.sh"
cat >receiver.py <<'RECEIVER'
import http.server
import json
import sys


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        try:
            json.loads(body)
            found = "JSON"
        except ValueError:
            found = "no JSON"
        print(f"{self.path} {self.headers['content-type']}: {body} is {found}", flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
RECEIVER
HOOK=127.0.0.1:$(port)
export HOOK
python3 receiver.py "${HOOK#*:}" >hook.log &
pids+=($!)
golang github.com/containrrr/shoutrrr@v0.8.0 <<'PROGRAM'
package main

import (
	"fmt"
	"os"

	"github.com/containrrr/shoutrrr"
)

func main() {
	for _, path := range []string{"plain?disabletls=yes", "templated?disabletls=yes&template=json"} {
		fmt.Println(path, shoutrrr.Send("generic://"+os.Getenv("HOOK")+"/"+path, "disk full"))
	}
}
PROGRAM
tee --append out <hook.log
seen "plain?disabletls=yes <nil>" "/plain application/json: disk full is no JSON" '/templated application/json: {"message":"disk full"} is JSON'
