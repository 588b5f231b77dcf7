#!/usr/bin/env bash
# Alertmanager and amtool 0.25 (Debian): a receiver that names a template nobody has defined passes `amtool check-config`, and its alerts are sent to nobody.
# Expected: the name is looked up when the configuration is read, as that of a receiver in a route is; or the message is sent with the text it would have by default.
# Seen: check-config says SUCCESS, Alertmanager starts, and every notification of the receiver is given up after one attempt; only its log says so.
. "$(dirname "$0")/lib.sh"
debian prometheus-alertmanager 0.25.0-1+b4
cat >alertmanager.yml <<'SETTINGS'
route: {receiver: chat, group_by: [alertname], group_wait: 1s, group_interval: 2s}
receivers:
- name: chat
  slack_configs: [{api_url: 'http://HOOK/', channel: '#alerts', title: '{{ template "shop.title" . }}'}]
  webhook_configs: [{url: 'http://HOOK/'}]
SETTINGS
amtool check-config alertmanager.yml >checked
alertmanager
send POST alerts '[{"labels": {"alertname": "PaymentsFail"}}]'
sleep 5
{
    cat checked
    echo "by the webhook $(grep --count '"receiver":"chat"' hook.log), by Slack $(grep --count '"channel"' hook.log || true)"
    grep --only-matching --max-count 1 'template \\"shop.title\\" not defined' alertmanager.log
} | tee out
seen "Checking 'alertmanager.yml'  SUCCESS" "by the webhook 1, by Slack 0" 'template \"shop.title\" not defined'
