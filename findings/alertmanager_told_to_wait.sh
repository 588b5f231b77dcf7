#!/usr/bin/env bash
# Alertmanager 0.25 (Debian) and v0.35.0 (Go): a receiver that answers 429 is not asked again; in 0.35 Slack and Discord are, a webhook is not.
# Expected: 429 with Retry-After means "later", more plainly than 500 does, which is tried again for as long as group_interval lasts.
# Seen: 503 is tried every few seconds, 429 of a webhook, of Discord and of Slack once; the alert waits for the next group_interval (5 min by default).
. "$(dirname "$0")/lib.sh"
limited=$(port)
cat >limited.py <<'RECEIVER'
import http.server
import sys


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        print(self.path, flush=True)
        self.send_response(int(self.path.split("/")[2]))
        self.send_header("retry-after", "1")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
RECEIVER
python3 limited.py "$limited" >>limited.log &
pids+=($!)
cat >alertmanager.yml <<SETTINGS
route: {receiver: all, group_by: [alertname], group_wait: 1s, group_interval: 1h}
receivers:
- name: all
  discord_configs: [{webhook_url: 'http://127.0.0.1:$limited/discord/429'}]
  slack_configs: [{api_url: 'http://127.0.0.1:$limited/slack/429', channel: '#alerts'}]
  webhook_configs: [{url: 'http://127.0.0.1:$limited/webhook/429'}, {url: 'http://127.0.0.1:$limited/webhook/503'}]
SETTINGS
alertmanager
send POST alerts '[{"labels": {"alertname": "PaymentsFail"}}]'
sleep 8
for each in discord/429 slack/429 webhook/429 webhook/503; do
    times=$(grep --count "/$each" limited.log)
    [ "$times" -gt 2 ] && times="again and again"
    echo "0.25 /$each $times"
done >before.out
golang github.com/prometheus/alertmanager@v0.35.0 <<'PROGRAM'
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/prometheus/alertmanager/alert"
	amcommoncfg "github.com/prometheus/alertmanager/config/common"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/notify/discord"
	"github.com/prometheus/alertmanager/notify/webhook"
	"github.com/prometheus/alertmanager/template"
	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
		answer.Header().Set("Retry-After", "1")
		answer.WriteHeader(http.StatusTooManyRequests)
	}))
	made, err := template.FromGlobs(nil)
	if err != nil {
		panic(err)
	}
	made.ExternalURL, _ = url.Parse("http://localhost")
	address, _ := url.Parse(server.URL)
	secret := &amcommoncfg.SecretURL{URL: address}
	client := &commoncfg.HTTPClientConfig{}
	logger := slog.New(slog.DiscardHandler)
	firing := &alert.Alert{Alert: model.Alert{Labels: model.LabelSet{"alertname": "PaymentsFail"}, StartsAt: time.Now()}}
	ctx := notify.WithReceiverName(notify.WithGroupKey(context.Background(), "1"), "all")
	ask := func(name string, notifier notify.Notifier, err error) {
		if err != nil {
			panic(err)
		}
		verdict := notifier.Notify(ctx, firing)
		fmt.Println("0.35", name, "failed:", verdict.Err() != nil, "tried again:", verdict.ShouldRetry())
	}
	chat, err := discord.New(&discord.DiscordConfig{WebhookURL: secret, HTTPConfig: client}, made, logger)
	ask("discord", chat, err)
	hook, err := webhook.New(&webhook.WebhookConfig{URL: amcommoncfg.SecretTemplateURL(server.URL), HTTPConfig: client}, made, logger)
	ask("webhook", hook, err)
}
PROGRAM
cat before.out | tee --append out
seen "0.25 /discord/429 1" "0.25 /slack/429 1" "0.25 /webhook/429 1" "0.25 /webhook/503 again and again" \
    "0.35 discord failed: true tried again: true" "0.35 webhook failed: true tried again: false"
