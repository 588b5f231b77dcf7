"""Secrets to plant: none was ever real, and none stands here in one piece, so that no scanner takes them for real."""

from __future__ import annotations

import base64
import json

_MIXED = "Zx8Kq2LmP0vTr5Yw3NbHs7Jd1Gf6UcAe9RiOo4Mt"


def mixed(length: int) -> str:
    return (_MIXED * (length // len(_MIXED) + 1))[:length]


def hexed(length: int) -> str:
    return ("9f3ac07be1d24586" * (length // 16 + 1))[:length]


def _part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


JWT = f"{_part({'alg': 'HS256'})}.{_part({'sub': 'minji', 'exp': 1795444040})}.{mixed(43)}"
PEM_BODY = "\n".join(mixed(64)[shift:] + mixed(shift) for shift in range(4))
PEM = f"-----BEGIN RSA PRIVATE {'KEY'}-----\n{PEM_BODY}\n-----END RSA PRIVATE {'KEY'}-----"
B64 = base64.b64encode(b"minji:hunter2-of-minji").decode()
WG = mixed(43) + "="

# What is said, and what of it must be gone.
PLANTED: tuple[tuple[str, str], ...] = (
    (f"using {'AKIA'}IOSFODNN7EXAMPLQ for s3", f"{'AKIA'}IOSFODNN7EXAMPLQ"),
    (f"temporary {'ASIA'}IOSFODNN7EXAMPLQ", f"{'ASIA'}IOSFODNN7EXAMPLQ"),
    (f"aws_secret_access_key = {mixed(40)}", mixed(40)),
    (f"AWS.config.secretAccessKey: '{mixed(40)}'", mixed(40)),
    (f'aws key "{mixed(40)}"', mixed(40)),
    (f"{'AKIA'}IOSFODNN7EXAMPLQ:{mixed(40)}", mixed(40)),
    (f"https://maps/?key={'AIza'}{mixed(35)}", mixed(35)),
    (f"access {'ya29.'}{mixed(60)}", mixed(60)),
    (json.dumps({"type": "service_account", "private_key": PEM}), mixed(40)),
    (f"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={mixed(86)}==;EndpointSuffix=x", mixed(86)),
    (f"Endpoint=sb://x/;SharedAccessKeyName=root;SharedAccessKey={mixed(43)}=", mixed(43)),
    (f"https://shop.blob/x?sv=2026-01-01&sig={mixed(44)}&se=2027", mixed(44)),
    (f"clone with {'ghp_'}{mixed(36)}", mixed(36)),
    (f"{'gho_'}{mixed(36)} and {'ghs_'}{hexed(36)}", hexed(36)),
    (f"{'github_pat_'}{mixed(22)}_{mixed(59)}", mixed(22)),
    (f"PRIVATE-TOKEN {'glpat-'}{mixed(20)}", mixed(20)),
    (f"{'xoxb-'}123456789012-1234567890123-{mixed(24)}", mixed(24)),
    (f"POST https://hooks.slack.com/services/T{'0' * 8}/B{'0' * 8}/{mixed(24)}", mixed(24)),
    (f"{'sk_live_'}{mixed(24)}", mixed(24)),
    (f"{'rk_live_'}{mixed(24)}", mixed(24)),
    (f"logging in as {'MTA'}{mixed(21)}.GhIjKl.{mixed(38)}", mixed(38)),
    (f"https://discord.com/api/webhooks/123456789012345678/{mixed(68)}", mixed(68)),
    (f"{'glsa_'}{mixed(32)}_1a2b3c4d", mixed(32)),
    (f"{'glc_'}{_part({'o': '1', 'n': 'x', 'k': mixed(20)})}", _part({"o": "1", "n": "x", "k": mixed(20)})),
    (f"grafana {_part({'k': mixed(32)})}", _part({"k": mixed(32)})[8:]),
    (f"{'eyJrIjoi'}{mixed(40)}", mixed(40)),
    (f"{'sk-ant-'}api03-{mixed(60)}-AA", mixed(60)),
    (f"{'sk-proj-'}{mixed(48)}", mixed(48)),
    (f"{'sk-'}{mixed(20)}T3BlbkFJ{mixed(20)}", mixed(20)),
    (f"//registry.example/:_authToken={'npm_'}{mixed(36)}", mixed(36)),
    (f"{'pypi-'}AgEIcHlwaS5vcmc{mixed(80)}", mixed(80)),
    (f"{'dckr_pat_'}{mixed(27)}", mixed(27)),
    (f"https://api.telegram.org/bot123456789:AA{mixed(33)}/getMe", mixed(33)),
    (f"twilio {'AC'}{hexed(32)} {'SK'}{hexed(32)}", hexed(32)),
    (f"{'SG.'}{mixed(22)}.{mixed(43)}", mixed(43)),
    (f"issued {JWT} to minji", JWT.split(".")[1]),
    (f"line\\n{JWT}", JWT.split(".")[2]),
    (f"Authorization: Bearer {mixed(30)}", mixed(30)),
    (f"authorization=Basic {B64}", B64),
    (f'{{"Authorization":"Token {hexed(40)}"}}', hexed(40)),
    (f'{{"headers":"{{\\"Authorization\\":\\"Bearer {mixed(30)}\\"}}"}}', mixed(30)),
    (f"got bearer {mixed(30)} from gateway", mixed(30)),
    ("login failed password=hunter2, retry=3", "hunter2"),
    ('{"user":"minji","password":"hun ter2"}', "hun ter2"),
    (r'{"body":"{\"password\":\"hunter2\",\"a\":1}"}', "hunter2"),
    ("spring.datasource.password = p@ss,w0rd;9", "p@ss,w0rd;9"),
    ("  db_passwd: 'hunter''s'", "hunter"),
    ("POST /login?user=a&pwd=hunter2&next=/ HTTP/1.1", "hunter2"),
    ("password%3Dhunter2%26x", "hunter2"),
    ("GET /?api_key=hunter2hunter2&x=1", "hunter2hunter2"),
    ("X-Api-Key: hunter2hunter2", "hunter2hunter2"),
    ("client_secret=hunter2", "hunter2"),
    ("User{name=a, password=hunter2}", "hunter2"),
    ("<password>hunter2</password>", "hunter2"),
    ("mysql --password hunter2 -u root", "hunter2"),
    ("ALTER USER x IDENTIFIED BY 'hunter2'", "hunter2"),
    ("비밀번호: hunter2", "hunter2"),
    ("ｐａｓｓｗｏｒｄ＝hunter2", "hunter2"),
    ("pass\u200bword=hun\u200bter2", "hunter2"),
    ("\x1b[31mpassword\x1b[0m=hunter2", "hunter2"),
    ("password=<ip-1>hunter2", "hunter2"),
    ("jdbc:postgresql://shop:hunter2@db:5432/shop", "hunter2"),
    ("jdbc:postgresql://db/shop?user=shop&password=hunter2", "hunter2"),
    ("redis://:hunter2@cache:6379/0", "hunter2"),
    ("amqp://guest:hu/nter2@mq/", "hu/nter2"),
    ("mongodb+srv://shop:hun@ter2@cluster.example/x", "hun@ter2"),
    ("jdbc:oracle:thin:scott/hunter2@//db:1521/x", "hunter2"),
    ("shop:hunter2@tcp(db:3306)/shop", "hunter2"),
    (f"https://{hexed(32)}@sentry.example/1", hexed(32)),
    (f"Cookie: theme=dark; JSESSIONID={hexed(32)}; x=y", hexed(32)),
    (f"Set-Cookie: sid={mixed(26)}; Path=/; HttpOnly", mixed(26)),
    (f"/cart;jsessionid={hexed(32)}?x=1", hexed(32)),
    (f"session_id={hexed(32)} expired", hexed(32)),
    (PEM, mixed(64)),
    (PEM.replace("\n", "\\n"), mixed(64)),
    (PEM[:150], mixed(64)),
    (f"at line 3\n{mixed(64)}\n", mixed(64)),
    (f"[Interface]\nPrivateKey = {WG}\n[Peer]\nPresharedKey = {WG}", WG),
    ("mail to min.ji+oncall@shop.example.co.kr failed", "min.ji+oncall"),
    ("user=minji%40shop.example", "minji%40shop"),
    ("문의 010-1234-5678 홍길동", "1234-5678"),
    ("phone 01012345678", "01012345678"),
    ("+82 10 1234 5678", "1234 5678"),
    ("tel +1 (415) 555-2671", "555-2671"),
    ("서울 02-123-4567", "123-4567"),
    ("주민등록번호 900101-1234567", "1234567"),
    ("card 4111 1111 1111 1111 declined", "1111 1111"),
    ("card=5555555555554444", "5555555555554444"),
    ("amex 378282246310005", "378282246310005"),
    ("connect to 10.20.30.40:8080 failed", "10.20.30.40"),
    ("peer 203.0.113.7.", "203.0.113.7"),
    ("from [2001:db8::ff00:42:8329]:443", "2001:db8"),
    ("fe80::1%eth0: no route", "fe80::1"),
    ("::ffff:10.20.30.40", "10.20.30.40"),
    ("node ip-10-20-30-40.ec2.internal", "10-20-30-40"),
)
