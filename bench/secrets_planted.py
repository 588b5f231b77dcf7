"""Lines as services log them by mistake, each with the secret in it that nobody may see again.

All are made up: the shapes are the providers', the characters are not anybody's. They are put together at run time, so
that no scanner of repositories takes them for real.
"""

from __future__ import annotations

_HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_WORD = "Zq7vN2xLw9Rk4TsB8mYp3HdGf6JcVa5E"
_LONG = f"{_WORD}u1QeXo0Ki{_WORD}"
_DIGITS = "4111 1111 1111 1111"


def _tokens() -> list[tuple[str, str]]:
    """Return what has a shape of its own: the keys of clouds, models, chats and registries."""
    aws, aws_secret = "AKIA" + "Q3EGRJTX5WNM7VZD", _LONG[:40]
    github, github_fine = "ghp_" + _LONG[:36], "github_" + "pat_" + _LONG[:60]
    slack = "xoxb-" + "213546879012-4657382910-" + _WORD[:24]
    slack_hook = "T0Q3EGRJT/B5WNM7VZD/" + _WORD[:24]
    jwt = ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJrb25nIiwiYWRtaW4iOnRydWV9", _LONG[:43]))
    anthropic, openai = "sk-" + "ant-api03-" + _LONG[:60], "sk-" + "proj-" + _LONG[:48]
    google, stripe = "AIza" + _LONG[:35], "sk_" + "live_" + _LONG[:24]
    discord = "MTE4NzQ1MjM2OTg3MTIzNDU2Nw" + ".GhT7xQ." + _LONG[:38]
    discord_hook = "1187452369871234567/" + _LONG[:68]
    grafana, grafana_key = "glsa_" + _WORD + "_9f86d081", "eyJrIjoi" + _LONG[:60]
    gitlab, npm, pypi = "glpat-" + _WORD[:20], "npm_" + _LONG[:36], "pypi-" + "AgEIcHlwaS5vcmc" + _LONG[:60]
    sendgrid = "SG." + _WORD[:22] + "." + _LONG[:43]
    return [
        (f"cannot sign request with {aws}", aws),
        (f"loaded aws_secret_access_key={aws_secret}", aws_secret),
        (f"git clone failed: remote rejected token {github}", github),
        (f"cannot fetch with {github_fine}: 403", github_fine),
        (f"slack says invalid_auth for {slack}", slack),
        (f"POST https://hooks.slack.com/services/{slack_hook} answered 404", slack_hook),
        (f"token expired: {jwt}", jwt),
        (f"Authorization: Bearer {_LONG[:48]} was refused", _LONG[:48]),
        (f"upstream refused header Authorization: Basic {_LONG[:32]}", _LONG[:32]),
        (f"model call failed with key {anthropic}", anthropic),
        (f"incorrect API key provided: {openai}", openai),
        (f"maps request denied for key {google}", google),
        (f"charge failed: No such key {stripe}", stripe),
        (f"gateway closed 4004 for token {discord}", discord),
        (f"webhook https://discord.com/api/webhooks/{discord_hook} is gone", discord_hook),
        (f"grafana rejected {grafana}", grafana),
        (f"grafana rejected api key {grafana_key}", grafana_key),
        (f"runner cannot register with {gitlab}", gitlab),
        (f"publish failed for {npm}", npm),
        (f"upload failed for {pypi}", pypi),
        (f"mail provider refused {sendgrid}", sendgrid),
    ]


def _in_context() -> list[tuple[str, str]]:
    """Return what only its surroundings betray: passwords, cookies, keys, and what belongs to a person."""
    key = f"MIIEpAIBAAKCAQEA{_LONG}"
    azure, twilio = _LONG[:43] + "=", "SK" + _HEX[:32]
    return [
        ("cannot connect to postgresql://shop:Tr0ub4dor-and-3@db.internal:5432/orders", "Tr0ub4dor-and-3"),
        ("redis: WRONGPASS for redis://:c0rrect-h0rse@cache:6379/0", "c0rrect-h0rse"),
        ("GET https://kim:b4ttery-stap1e@registry.internal/v2/ failed", "b4ttery-stap1e"),
        ("login failed for user=kim password=hunter2-Xk29vQ", "hunter2-Xk29vQ"),
        ('rejected body {"user": "kim", "password": "s3same-0pen-77"}', "s3same-0pen-77"),
        (f"request with Cookie: JSESSIONID={_HEX[:32]}; theme=dark failed", _HEX[:32]),
        (f"-----BEGIN RSA PRIVATE KEY----- {key} -----END RSA PRIVATE KEY----- is not readable", key),
        ("mail to jiwoo.kim@example-shop.co.kr bounced", "jiwoo.kim@example-shop.co.kr"),
        ("SMS to +82 10-9876-5432 failed", "10-9876-5432"),
        (f"payment with card {_DIGITS} was declined", _DIGITS),
        ("connection reset by 203.0.113.77", "203.0.113.77"),
        (f"storage says AuthenticationFailed; AccountKey={azure}", azure),
        (f"twilio 20003 for api_key={twilio}", twilio),
        (f"vault: permission denied for X-Vault-Token: hvs.{_LONG[:48]}", f"hvs.{_LONG[:48]}"),
    ]


SECRETS = (*_tokens(), *_in_context())


def leaked(shown: str) -> list[str]:
    """Return the secrets that stand in a text, also where its end was cut off."""
    return [secret for _, secret in SECRETS if secret[:_ENOUGH] in shown or secret[-_ENOUGH:] in shown]


# Half a secret is no secret any more; so many characters of it are not there by accident.
_ENOUGH = 12
