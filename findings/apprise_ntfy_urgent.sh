#!/usr/bin/env bash
# Apprise 2.3.0 (PyPI): ntfy://…?priority=urgent sends the message with no priority, and reports success.
# Expected: "urgent" is ntfy's own other name of its highest priority ("max/urgent", 5); a word that is not understood is refused.
# Seen: max, 5 and even "emergency" become X-Priority: max, "urgent" becomes the default: the phone does not ring at night.
. "$(dirname "$0")/lib.sh"
python apprise==2.3.0 <<'PROGRAM'
import http.server
import threading

import apprise

priorities = []


class Ntfy(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        priorities.append(self.headers.get("X-Priority"))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Ntfy)
threading.Thread(target=server.serve_forever, daemon=True).start()
for priority in ("max", "5", "emergency", "urgent"):
    sender = apprise.Apprise()
    sender.add(f"ntfy://127.0.0.1:{server.server_port}/oncall?priority={priority}")
    print(priority, "sent:", bool(sender.notify(body="down")), "as", priorities[-1])
PROGRAM
seen "max sent: True as max" "emergency sent: True as max" "urgent sent: True as None"
