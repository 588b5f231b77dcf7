"""Where alerts go: contact points, message templates and the notification policy of Grafana.

Source of the fields: Grafana's docs, "Use configuration files to provision alerting resources" (11.5 to 13). In contact points and policies
Grafana replaces `${NAME}` by the environment, by nothing if it is not set; in templates it replaces nothing.
"""

from __future__ import annotations

from typing import Any, Final

from deploy.grafana.rules import Severity

# The name that Bongsu's setting `receiver` has by default: it looks for lost webhooks under it.
BOT: Final = "bongsu"
SWITCH: Final = "GRAFANA_POSTS"
# What Bongsu cannot tell of itself.
ITS_OWN: Final = "BongsuSilent|BongsuNoLeader|BongsuBehind|BongsuRefuses"

# The channel of each severity, as Bongsu has them: P1 and P2 urgent, P3 and P4 normal.
CHANNELS: Final = {
    Severity.CRITICAL: "URGENT",
    Severity.HIGH: "URGENT",
    Severity.WARNING: "NORMAL",
    Severity.INFO: "NORMAL",
}

TITLE: Final = r"""
{{ define "bongsu.emoji" -}}
{{ if eq .Status "resolved" }}🟢{{ else if eq .CommonLabels.severity "critical" }}🔴 P1
{{- else if eq .CommonLabels.severity "high" }}🟠 P2{{ else if eq .CommonLabels.severity "warning" }}🟡 P3
{{- else if eq .CommonLabels.severity "info" }}🔵 P4{{ else }}🚨{{ end }}
{{- end }}
{{ define "bongsu.name" -}}
{{ with .CommonLabels.rulename }}{{ printf "%.100s" . }} cannot be evaluated
{{- else }}{{ printf "%.100s" .CommonLabels.alertname }}{{ end }}
{{- end }}
{{ define "bongsu.title" -}}
{{ template "bongsu.emoji" . }} · {{ template "bongsu.name" . }}{{ with .CommonLabels.service }} · {{ printf "%.80s" . }}{{ end }}
{{- end }}
""".lstrip()

# Whatever comes from a label calls nobody (`@`), makes no link of its own (`](`) and no second line.
_HARMLESS: Final = r'reReplaceAll "@" "＠" | reReplaceAll "\\]\\(" "] (" | reReplaceAll "\\s+" " "'

# Discord takes 2,000 characters, and Grafana would cut a longer message in the middle of a link, so all is shortened.
MESSAGE: Final = r"""
{{ define "bongsu.plain" -}}
{{ . | HARMLESS | printf "%.130s" }}
{{- end }}
{{ define "bongsu.line" -}}
{{ if eq .Status "resolved" }}🟢 {{ end }}
{{- if .Labels.rulename }}No answer to the rule {{ template "bongsu.plain" .Labels.rulename }}
{{- with .Annotations.Error }}: {{ template "bongsu.plain" . }}{{ end }}
{{- else }}**{{ template "bongsu.plain" .Annotations.summary }}**
{{- with .Annotations.value }} ({{ . | HARMLESS | printf "%.40s" }}){{ end }}{{ end }}
{{ end }}
{{ define "bongsu.links" -}}
{{ with .Annotations.runbook_url }}{{ if lt (len .) 200 -}}
[Runbook](<{{ . | reReplaceAll "@" "%40" | reReplaceAll "[<>\\s]" "" }}>) {{ end }}{{ end }}
{{- if and .PanelURL (lt (len .PanelURL) 250) }}[Panel](<{{ .PanelURL }}>) {{ end }}
{{- if and .SilenceURL (lt (len .SilenceURL) 400) }}[Silence](<{{ .SilenceURL }}>){{ end }}
{{- end }}
{{ define "bongsu.message" -}}
{{ range $index, $alert := .Alerts }}{{ if lt $index 3 }}{{ template "bongsu.line" $alert }}{{ end }}{{ end }}
{{- if gt (len .Alerts) 3 }}… the first 3 of {{ len .Alerts }}
{{ end }}
{{- with index .Alerts 0 }}
{{- if and .Annotations.description (not .Labels.rulename) -}}
{{ .Annotations.description | HARMLESS | printf "%.250s" }}
{{ end }}
{{- template "bongsu.links" . }}
{{- end }}
{{- end }}
""".lstrip().replace("HARMLESS", _HARMLESS)


def contact_points() -> dict[str, Any]:
    """Write the bot's webhook and four of Discord."""
    bot = {
        "url": _set_or("BONGSU_WEBHOOK_URL", "http://bot:8085/webhooks/grafana"),
        "httpMethod": "POST",
        "authorization_scheme": "Bearer",
        "authorization_credentials": "${WEBHOOK_TOKEN}",
    }
    points = [_point(BOT, "webhook", bot)]
    for severity, channel in CHANNELS.items():
        name = f"DISCORD_WEBHOOK_{channel}"
        discord = {
            # An empty address would stop Grafana at start. This one fails when it is used, and says why in the log.
            "url": _set_or(name, f"http://{name}-is-not-set.invalid/"),
            "title": '{{ template "bongsu.title" . }}',
            "message": '{{ template "bongsu.message" . }}',
            "use_discord_username": False,
        }
        points.append(_point(discord_point(severity), "discord", discord))
    return {"apiVersion": 1, "contactPoints": points}


def discord_point(severity: Severity) -> str:
    """Name the contact point that posts a severity to Discord."""
    return f"discord-{severity.value}"


def templates() -> dict[str, Any]:
    """Write the texts of Grafana's own Discord messages."""
    texts = {"bongsu-title": TITLE, "bongsu-message": MESSAGE}
    return {
        "apiVersion": 1,
        "templates": [{"orgId": 1, "name": name, "template": text} for name, text in texts.items()],
    }


def policies() -> dict[str, Any]:
    """Write the one tree of policies; which alerts Grafana posts itself is in the environment."""
    urgent = discord_point(Severity.CRITICAL)
    tree = {
        "orgId": 1,
        "receiver": BOT,
        "group_by": ["grafana_folder", "alertname", "service"],
        "group_wait": "5s",
        "group_interval": "30s",
        "repeat_interval": "4h",
        "routes": [
            # The Watchdog's absence. A restart of Prometheus is over before the two minutes are.
            _route(urgent, ["rulename", "=~", f"Watchdog|{ITS_OWN}"], group_wait="2m"),
            # The Watchdog itself fires for ever, and Bongsu says so when it stays away. It comes within five minutes: a
            # repeat is sent with the first group_interval after it.
            _route(BOT, ["alertname", "=", "Watchdog"], group_interval="1m", repeat_interval="4m"),
            _route(urgent, ["alertname", "=~", ITS_OWN]),
            _route(
                # As the bot does: what has no severity is P2.
                discord_point(Severity.HIGH),
                # Not set, this matches no alert, since each has a name. The brackets keep it a text whatever is set.
                ["alertname", "=~", f"(?:${{{SWITCH}}})"],
                group_interval="5m",
                routes=[_route(discord_point(each), ["severity", "=", each.value]) for each in CHANNELS],
            ),
        ],
    }
    return {
        "apiVersion": 1,
        "policies": [tree],
    }


def _set_or(name: str, otherwise: str) -> str:
    # Grafana has no default for a variable that is not set, but the address is a template.
    return f'{{{{ with "${{{name}}}" }}}}{{{{ . }}}}{{{{ else }}}}{otherwise}{{{{ end }}}}'


def _point(name: str, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    receiver = {"uid": name, "type": kind, "disableResolveMessage": False, "settings": settings}
    return {"orgId": 1, "name": name, "receivers": [receiver]}


def _route(receiver: str, matcher: list[str], **more: Any) -> dict[str, Any]:
    return {"receiver": receiver, "object_matchers": [matcher], **more}
