#!/usr/bin/env bash
# discord-webhook 1.4.1 (PyPI): edit() never takes a text away: with content = "" or None, and with set_flags(0), the message keeps what it has.
# Expected: what differs is sent: Discord's "Edit Webhook Message" takes content null or empty (the embeds remain) and flags 0; leaving a key out means no change.
# Seen: whatever is false is left out of the body, so that @here or "burning" of the first message stays above the embed that says it is over; edit() succeeds.
. "$(dirname "$0")/lib.sh"
python discord-webhook==1.4.1 <<'PROGRAM'
import http.server
import json
import threading

from discord_webhook import DiscordEmbed, DiscordWebhook


class Discord(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        said = {key: body.get(key, "left out") for key in ("content", "flags")}
        print(self.command, said["content"], "/", said["flags"], "/", *(embed["title"] for embed in body["embeds"]), flush=True)
        answer = b'{"id": "12"}'
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PATCH = answer

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Discord)
threading.Thread(target=server.serve_forever, daemon=True).start()
webhook = DiscordWebhook(url=f"http://127.0.0.1:{server.server_port}/api/webhooks/1/token", content="burning", flags=4)
webhook.add_embed(DiscordEmbed(title="Disk"))
webhook.execute()
webhook.remove_embeds()
webhook.add_embed(DiscordEmbed(title="Disk: over"))
webhook.set_flags(0)
for text in ("", None, "over"):
    webhook.content = text
    webhook.edit()
PROGRAM
[ "$(grep --count --line-regexp 'PATCH left out / left out / Disk: over' out)" = 2 ] || { echo "NO LONGER SEEN: two edits without a text"; exit 1; }
seen "POST burning / 4 / Disk" "PATCH left out / left out / Disk: over" "PATCH over / left out / Disk: over"
