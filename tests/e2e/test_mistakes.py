"""Mistakes of operators on the real process: each is answered by an exit code and a sentence that mends it, in en and ko.

`BONGSU_MISTAKES=table.md pytest tests/e2e/test_mistakes.py` writes the table that it also prints.
"""

from __future__ import annotations

import ast
import asyncio
import os
import re
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web

from playground import world
from playground.server import Playground
from tests.e2e.mistaken import FIT, LANGUAGES, ROOT, TOKEN, Folder, Mistake, Table

EXIT_CONFIGURATION = 78


@pytest.fixture(scope="module")
def table(request):
    made = Table()
    yield made
    words = "\n".join(made.lines())
    if path := os.environ.get("BONGSU_MISTAKES"):
        Path(path).write_text(f"{words}\n", "utf-8")
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{words}")  # noqa: T201


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


SETTINGS = [
    Mistake("bad LOG_LEVEL", "LOG_LEVEL in the environment: it must be one of DEBUG", "DEBUG", {"LOG_LEVEL": "LOUD"}),
    Mistake("language nobody speaks", "BONGSU_LANGUAGE in the environment: it must be one of en, ko", "en, ko 가운데", bot="", environment={"BONGSU_LANGUAGE": "kr"}),
    Mistake("mistake in a variable", "WEBHOOK_PORT in the environment: it must be 65535 or less", "환경 변수 WEBHOOK_PORT: 65535 이하", {"WEBHOOK_PORT": "99999"}),
    Mistake("mistake in a nested variable", "CHANNELS__URGNET in the environment: there is no such setting; did you mean urgent?", "혹시 urgent입니까?", {"CHANNELS__URGNET": "x"}),
    Mistake("mistake in a secret's file", "DISCORD_TOKEN_FILE (secret.txt): there is a space or a line break", "DISCORD_TOKEN_FILE(secret.txt): 안에 공백", {"DISCORD_TOKEN": "", "DISCORD_TOKEN_FILE": "secret.txt"}),
    Mistake("a list that is no JSON", "PERMISSIONS__ACK in the environment: it must be written as JSON", "환경 변수 PERMISSIONS__ACK: [1, 2] 같은 JSON", {"PERMISSIONS__ACK": "1,2"}),
    Mistake("quoted token", "DISCORD_TOKEN in the environment: it stands in quotation marks", "따옴표", {"DISCORD_TOKEN": '"abc"'}),
    Mistake("quoted guild id", "DISCORD_GUILD_ID in the environment: it stands in quotation marks", "따옴표", {"DISCORD_GUILD_ID": "'1200000000000000001'"}),
    Mistake("a name for an id", "DISCORD_GUILD_ID in the environment: it must be an id, digits only", "숫자로만 된 ID", {"DISCORD_GUILD_ID": "my-server"}),
    Mistake("token with a line break", "DISCORD_TOKEN in the environment: there is a space or a line break in it", "한 줄로 다시 복사", {"DISCORD_TOKEN": "abc\ndef"}),
    Mistake("no token", "DISCORD_TOKEN is not set: make one", "DISCORD_TOKEN이 설정되지 않았습니다", {"DISCORD_TOKEN": ""}),
    Mistake("no guild", "DISCORD_GUILD_ID is not set: right-click", "DISCORD_GUILD_ID가 설정되지 않았습니다", {"DISCORD_GUILD_ID": ""}),
    Mistake("DISCORD_API_URL without scheme", "begins with one of http, https, such as http://127.0.0.1:8300", "http://127.0.0.1:8300처럼", {"DISCORD_API_URL": "127.0.0.1:8300"}),
    Mistake("Prometheus without scheme", "PROMETHEUS_URL in the environment: it is no address", "환경 변수 PROMETHEUS_URL", {"PROMETHEUS_URL": "prometheus:9090"}),
    Mistake("Grafana without token", "GRAFANA_URL is set without GRAFANA_TOKEN", "GRAFANA_TOKEN이 없습니다", {"GRAFANA_URL": "http://grafana:3000"}),
    Mistake("user without password", "WEBHOOK_USER is set without WEBHOOK_PASSWORD", "WEBHOOK_PASSWORD가 없습니다", {"WEBHOOK_USER": "grafana"}),
    Mistake('token "a"', "WEBHOOK_TOKEN has 1 characters and is guessed at once", "1자뿐", {"WEBHOOK_TOKEN": "a"}),
    Mistake("an alert source that is not there", "ALERT_SOURCE is alertmanager, but ALERTMANAGER_URL is not set", "ALERTMANAGER_URL", {"ALERT_SOURCE": "alertmanager"}),
    Mistake("a model without prices", "investigation.model.p1 is not set", "investigation.model.p1", {"ANTHROPIC_API_KEY": "key-of-a-model"}),
    Mistake("unknown key", "config/bot.yml, langauge: there is no such setting; did you mean language?", "혹시 language입니까?", bot="langauge: ko"),
    Mistake("unknown key of a section", "config/bot.yml, investigation.setle: there is no such setting; did you mean settle?", "혹시 settle입니까?", bot="investigation: {setle: 15s}"),
    Mistake("tab in YAML", "config/bot.yml: line 2: a tab stands there", "2행: 탭 문자", bot="channels:\n\turgent: x"),
    Mistake("no YAML", "config/bot.yml: line 1, column", "YAML 문법", bot="channels: [a"),
    Mistake("key twice", "line 2: timezone stands there a second time", "timezone이(가) 두 번", bot="timezone: UTC\ntimezone: Asia/Seoul"),
    Mistake("a list for a table", "it is not a table of settings", "설정 목록", bot="- a"),
    Mistake("unknown time zone", "Asia/Seul is not a time zone of the IANA database", "Asia/Seul은(는) IANA", bot="timezone: Asia/Seul"),
    Mistake("a severity of two kinds", "severities: page stands under P1 and under P3; keep one", "page이(가) P1과(와) P3에", bot="severities: {P1: [Page], P3: [page]}"),
    Mistake("no length of time", "silences.least: it must be a length of time, such as 90s", "90s, 15m", bot="silences: {least: soon}"),
    Mistake("negative settle", "investigation.settle: it must be 0s or more", "0s 이상", bot="investigation: {settle: -15}"),
    Mistake("rate of nothing", "investigation.rate: it must be a length for PromQL above zero", "0보다 큰 PromQL", bot="investigation: {rate: 0m}"),
    Mistake("bounds that cross", "silences: least (2h), default (1h) and most (14d)", "least(2h)", bot="silences: {least: 2h}"),
    Mistake("missing runbook folder", "there is no folder docs/runbuks", "docs/runbuks 폴더가 없습니다", bot="investigation: {runbooks: docs/runbuks}"),
    Mistake("a pattern nobody can read", "investigation.redact.ticket:", "investigation.redact.ticket", bot='investigation: {redact: {ticket: "("}}'),
    Mistake("service twice", "config/services.yml: line 3: api stands there a second time", "api이(가) 두 번", services="services:\n  api: {}\n  api: {}"),
    Mistake("depends on nobody", "services.chat.depends_on: there is no service apy; did you mean api?", "혹시 api입니까?", services="services: {api: {}, chat: {depends_on: [apy]}}"),
    Mistake("depends on itself", "services.api.depends_on: it depends on itself", "자기 자신에", services="services: {api: {depends_on: [api]}}"),
    Mistake("depends in a circle", "in a circle: a → b → c → a", "a → b → c → a", services="services: {a: {depends_on: [b]}, b: {depends_on: [c]}, c: {depends_on: [a]}}"),
    Mistake("braces of a selector", "is written without braces", "중괄호 없이", services="services: {api: {metrics: '{job=\"api\"}'}}"),
    Mistake("a length beyond all calendars", "silences.most: it must be 3650d or less", "3650d 이하", bot="silences: {most: 99999999d}"),
    Mistake("a yes for a length of time", "silences.least: it must be a length of time, such as 90s", "90s, 15m", bot="silences: {least: yes}"),
    Mistake("an address with two schemes", "LOKI_URL in the environment: it is no address that begins with", "환경 변수 LOKI_URL", {"LOKI_URL": "http://http://loki:3100"}),
    Mistake("a dashboard's address for Grafana's", "GRAFANA_URL in the environment: there is a ? or # in it: it is the address of a page", "페이지 주소입니다", {"GRAFANA_URL": "http://g/d/abc?from=now-1h", "GRAFANA_TOKEN": "a-token-of-grafana"}),
    Mistake("a dead man's switch that is no address", "HEALTHCHECK_URL in the environment: it is no address that begins with", "환경 변수 HEALTHCHECK_URL", {"HEALTHCHECK_URL": "hc-ping"}),
    Mistake("a link that leads nowhere", "services.api.dashboard: it is no address that begins with", "services.api.dashboard", services="services: {api: {dashboard: d/abc}}"),
    Mistake("runbooks without their folder", "investigation.runbooks_url says where runbooks are read, but not which there are", "investigation.runbooks_url", bot="investigation: {runbooks_url: 'https://wiki.example.com'}"),
    Mistake("a password that is not escaped", "DATABASE_URL cannot be taken apart: signs such as @", "DATABASE_URL을 해석할 수 없습니다", {"DATABASE_URL": "postgresql://u:p@ss@w0rd@h/x"}),
    Mistake("a secret's file that is not there", "There is no file nothing.txt (seen from", "DISCORD_TOKEN_FILE에 지정한", {"DISCORD_TOKEN": "", "DISCORD_TOKEN_FILE": "nothing.txt"}),
    Mistake("a folder for a secret's file", "DISCORD_TOKEN_FILE (config) is a folder; name a file in it", "DISCORD_TOKEN_FILE (config)", {"DISCORD_TOKEN": "", "DISCORD_TOKEN_FILE": "config"}),
    Mistake("nested without end", "config/bot.yml: it is nested too deep to be read", "중첩이 너무 깊어", bot=f"a: {'[' * 500}{']' * 500}"),
    Mistake("a time zone in other letters", "did you mean Asia/Seoul?", "혹시 Asia/Seoul입니까?", {"TIMEZONE": "seoul"}),
    Mistake("IPv6 without brackets", "stands in brackets, such as http://[::1]:9090", "대괄호 안에", {"PROMETHEUS_URL": "http://::1:9090"}),
    Mistake("services as a list", "services: it must be a table, with lines of `name: {}`", "목록이 아니라", services="services: [api, chat]"),
    Mistake("PostgreSQL without its scheme", "DATABASE_URL is not an address of SQLite", "DATABASE_URL은 SQLite", {"DATABASE_URL": "db.example.com/bongsu"}),
]  # fmt: skip


@pytest.mark.parametrize("mistake", SETTINGS, ids=lambda each: each.name)
async def test_settings_that_cannot_work_are_refused_by_run_and_check_alike(mistake, folder, table):
    folder.write(mistake.bot, mistake.services)
    (folder.path / "secret.txt").write_text("one two")
    given = {"BONGSU_LANGUAGE": "en", **FIT}
    # `run` is asked in one language, `check` in the other.
    asked = [("run", "en", mistake.en), ("check", "ko", mistake.ko)]
    if "BONGSU_LANGUAGE" in mistake.environment:
        asked = [("run", "en", mistake.en)]
    if mistake.name in ("no token", "no guild"):
        # `check` goes on, and tells it in its line.
        asked = [("run", language, getattr(mistake, language)) for language in LANGUAGES]

    told = await asyncio.gather(
        *(
            folder.told(command, **{**given, "BONGSU_LANGUAGE": language, **mistake.environment})
            for command, language, _ in asked
        )
    )

    for (command, language, words), each in zip(asked, told, strict=True):
        table.add(mistake.name, command, language, each, words)
        assert each.code == EXIT_CONFIGURATION, each.words
        assert words in each.words
        assert each.words.startswith("bongsu: ")
        assert len(each.words.splitlines()) == 1


@pytest.fixture
async def playground():
    async with Playground.open() as opened:
        yield opened


def at(playground, **changes):
    return {
        **FIT,
        "DISCORD_TOKEN": playground.token,
        "DISCORD_API_URL": playground.url,
        "WEBHOOK_TOKEN": TOKEN,
        "GUILD_READY_TIMEOUT_S": "0.1",
        **changes,
    }


ROLE, STRANGER = "1200000000000000099", "1200000000000000098"
GUILD = [
    Mistake("wrong guild id", "The server 1200000000000000007 cannot be seen", "1200000000000000007에 접근할 수 없습니다", {"DISCORD_GUILD_ID": "1200000000000000007"}),
    Mistake("wrong token", "Discord refused the token. Make a new one", "Discord가 토큰을 거부했습니다", {"DISCORD_TOKEN": "not-the-token"}),
    Mistake("a channel that does not exist", "There is no channel alert-urgnet", "alert-urgnet 채널이 없습니다", {"CHANNELS__URGENT": "alert-urgnet"}),
    Mistake("a channel with a misspelt name", "did you mean alert-urgent?", "혹시 alert-urgent입니까?", {"CHANNELS__URGENT": "alert-urgnt"}),
    Mistake("a role that is none", f"permissions.ack: there is no role {ROLE}", f"{ROLE} 역할이 없습니다", {"PERMISSIONS__ACK": f"[{ROLE}]"}),
    Mistake("an owner's role that is none", f"services.api.owners.roles: there is no role {ROLE}", f"{ROLE} 역할이 없습니다", services=f"services: {{api: {{owners: {{roles: [{ROLE}]}}}}}}"),
    Mistake("an owner who is not there", f"owners.users: there is no member {STRANGER}", f"{STRANGER} 멤버가 없습니다", services=f"owners: {{users: [{STRANGER}]}}"),
]  # fmt: skip


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mistake", GUILD, ids=lambda each: each.name)
async def test_what_is_not_in_the_guild_ends_run_as_check_says(mistake, folder, playground, table):
    folder.write(mistake.bot, mistake.services)
    given = at(playground, **mistake.environment)

    run = await folder.told("run", **given, BONGSU_LANGUAGE="en", DATABASE_URL="sqlite:///run.db")
    check = await folder.told("check", **given, BONGSU_LANGUAGE="ko", DATABASE_URL="sqlite:///check.db")

    table.add(mistake.name, "run", "en", run, mistake.en)
    table.add(mistake.name, "check", "ko", check, mistake.ko)
    assert run.code == EXIT_CONFIGURATION, run.words
    assert mistake.en in run.words
    assert check.code == 1, check.words
    assert mistake.ko in check.words


@pytest.mark.timeout(240)
async def test_what_was_there_once_stops_no_start(folder, playground):
    role = str(world.ROLES["oncall"])
    given = at(playground, PERMISSIONS__ACK=f"[{role}]", DATABASE_URL="sqlite:///run.db", BONGSU_LANGUAGE="en")
    await ends_well(folder, playground, given)
    renamed = playground.state.channels[world.CHANNELS["alert-urgent"]]
    renamed["name"] = "renamed"

    said = await ends_well(folder, playground, given)

    assert "channels.urgent: There is no channel alert-urgent" in said


async def ends_well(folder, playground, given) -> str:
    """Run it until it has looked around in the guild, then stop it."""
    seen = len(list(playground.records.requests))
    process = await folder.start("run", **given)
    async with asyncio.timeout(90):
        while not any("/channels" in str(each) for each in list(playground.records.requests)[seen:]):
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        process.terminate()
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("code", "en", "ko"), [(4014, "intents guilds and guild messages (code 4014)", "코드 4014"), (4004, "code 4004", "코드 4004"), (4013, "Install a newer Bongsu", "새 버전의 봉수")])  # fmt: skip
async def test_a_gateway_that_closes_for_good_says_why(code, en, ko, folder, playground, table):
    playground.gateway.closing = code

    for language, words in (("en", en), ("ko", ko)):
        told = await folder.told("run", **at(playground, BONGSU_LANGUAGE=language))
        table.add(f"close code {code}", "run", language, told, words)
        assert told.code == EXIT_CONFIGURATION, told.words
        assert words in told.words


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("language", "words"), [("en", "Port {} on 127.0.0.1 is in use"), ("ko", "{} 포트를 이미")])
async def test_a_port_in_use_is_named(language, words, folder, playground, table):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        given = at(playground, WEBHOOK_HOST="127.0.0.1", WEBHOOK_PORT=port, BONGSU_LANGUAGE=language)

        told, checked = [await folder.told(command, **given) for command in ("run", "check")]

    table.add("port in use", "run", language, told, words.format(port))
    assert (told.code, checked.code) == (EXIT_CONFIGURATION, 1)
    assert words.format(port) in told.words
    assert words.format(port) in checked.words


@pytest.mark.timeout(240)
async def test_a_host_that_is_not_ours_is_named(folder, playground, table):
    told = await folder.told("run", **at(playground, WEBHOOK_HOST="203.0.113.9", BONGSU_LANGUAGE="en"))

    table.add("a host that is not ours", "run", "en", told, "203.0.113.9")
    assert told.code == EXIT_CONFIGURATION
    assert "203.0.113.9, port 0, is no address of this machine" in told.words


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("language", "words"), [("en", "does not take what is written"), ("ko", "디스크")])
async def test_a_full_disk_at_the_start_is_a_sentence(language, words, folder, table):
    # A limit of the file's size is met as a full disk is; what is measured of the process would not fit either.
    command = f"unset COVERAGE_PROCESS_CONFIG COVERAGE_PROCESS_START; ulimit -f 24; exec {sys.executable} -m bot run"
    told = await folder.told("/bin/bash", "-c", command, **FIT, BONGSU_LANGUAGE=language, PYTHONDONTWRITEBYTECODE="1")

    table.add("disk full at the start", "run", language, told, words)
    assert told.code == EXIT_CONFIGURATION, told.words
    assert words in told.words or "is full" in told.words


POSTGRES = [
    Mistake("PostgreSQL that is not there", "nobody listens at 127.0.0.1:1; is PostgreSQL running", "127.0.0.1:1에서 응답하는 서버가 없습니다", {"DATABASE_URL": "postgresql://bongsu:s3cret@127.0.0.1:1/x"}),
    Mistake("PostgreSQL of an unknown host", "the host of nowhere.invalid:5432 is unknown", "nowhere.invalid:5432의 호스트", {"DATABASE_URL": "postgresql://bongsu:s3cret@nowhere.invalid/x"}),
]  # fmt: skip


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mistake", POSTGRES, ids=lambda each: each.name)
async def test_a_database_that_cannot_be_had_is_a_sentence_without_its_password(mistake, folder, table):
    for language in LANGUAGES:
        words = getattr(mistake, language)
        told = await folder.told("run", **FIT, **mistake.environment, BONGSU_LANGUAGE=language)
        table.add(mistake.name, "run", language, told, words)
        assert told.code == EXIT_CONFIGURATION
        assert words in told.words
        assert "s3cret" not in told.words


@pytest.mark.timeout(240)
async def test_a_postgresql_without_the_database_or_the_user_says_so(folder, postgres, table):
    for name, address, words in (
        ("no such database", f"{postgres}/nowhere", "has no database nowhere; create it (createdb nowhere)"),
        ("unknown option", f"{postgres}/postgres?pgbouncer=true", "does not know an option of DATABASE_URL"),
        ("certificate", f"{postgres}/postgres?sslmode=require", "does not speak TLS; take sslmode out"),
        ("no such user", postgres.replace("bongsu@", "nobody@") + "/postgres", "knows no user nobody; create it"),
    ):
        told = await folder.told("run", **FIT, DATABASE_URL=address, BONGSU_LANGUAGE="en")
        table.add(f"PostgreSQL: {name}", "run", "en", told, words)
        assert told.code == EXIT_CONFIGURATION
        assert words in told.words


@pytest.fixture
async def servers(tmp_path):
    """A server that speaks http, and one that speaks https and answers http as nginx and Go do."""
    crt, key = tmp_path / "s.crt", tmp_path / "s.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]  # noqa: RUF005
        + ["-keyout", str(key), "-out", str(crt)],
        check=True,
        capture_output=True,
        timeout=60,
    )

    async def ready(_):
        return web.Response(text="ready")

    async def refuses(_):
        return web.Response(status=400, text="Client sent an HTTP request to an HTTPS server.\n")

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(crt, key)
    runners, ports = [], {}
    for name, answer, secure in (("http", ready, None), ("refuses", refuses, None), ("https", ready, context)):
        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=secure).start()
        runners.append(runner)
        ports[name] = runner.addresses[0][1]
    yield ports
    for runner in runners:
        await runner.cleanup()


@pytest.mark.timeout(240)
async def test_check_says_what_is_wrong_with_an_address(servers, folder, playground, table):
    given = at(
        playground,
        PROMETHEUS_URL=f"https://127.0.0.1:{servers['http']}",
        LOKI_URL=f"http://127.0.0.1:{servers['refuses']}",
        TEMPO_URL=f"https://127.0.0.1:{servers['https']}",
        ALERTMANAGER_URL="http://nowhere.invalid:9093",
        # What is so near to a setting is hardly meant for somebody else.
        GRAFANA_TOKN="x",
    )
    expected = {
        "en": {
            "https on a port of http": "it does not speak https there: write http://",
            "http on a port of https": "it speaks https there: write https://",
            "certificate nobody knows": "its certificate is not accepted",
            "unknown host": "the host is unknown",
            "misspelt variable": "GRAFANA_TOKN is no setting and is not read; did you mean GRAFANA_TOKEN?",
        },
        "ko": {
            "https on a port of http": "주소를 http://로 적으세요",
            "http on a port of https": "주소를 https://로 적으세요",
            "certificate nobody knows": "인증서를 신뢰할 수 없습니다",
            "unknown host": "호스트를 찾을 수 없습니다",
            "misspelt variable": "혹시 GRAFANA_TOKEN입니까?",
        },
    }

    for language, lines in expected.items():
        told = await folder.told("check", **given, BONGSU_LANGUAGE=language)

        assert told.code == 1, told.words
        for name, words in lines.items():
            table.add(name, "check", language, told, words)
            assert words in told.words


@pytest.mark.timeout(240)
async def test_check_prints_each_line_as_it_is_found(folder, playground):
    async def silence(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        process = await folder.start("check", **at(playground, PROMETHEUS_URL=f"http://127.0.0.1:{port}"))
        try:
            async with asyncio.timeout(90):
                first = await process.stdout.readline()

            assert "database" in first.decode()
            assert process.returncode is None
        finally:
            process.kill()
            await process.wait()


@pytest.mark.timeout(240)
async def test_check_knows_bongsu_on_its_own_port(folder, playground):
    app = web.Application()

    async def healthz(_):
        return web.json_response({"status": "ok"})

    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        port = str(runner.addresses[0][1])
        told = await folder.told("check", **at(playground, WEBHOOK_HOST="127.0.0.1", WEBHOOK_PORT=port))
    finally:
        await runner.cleanup()

    assert told.code == 0, told.words


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("language", "words"), [("en", "Bongsu does not answer at http://127.0.0.1:"), ("ko", "봉수가 http://127.0.0.1:")])  # fmt: skip
async def test_verify_without_a_bot_says_how_to_start_it(language, words, folder, playground, table):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    given = at(playground, WEBHOOK_PORT=port, ALERTMANAGER_URL="http://127.0.0.1:1", BONGSU_LANGUAGE=language)

    told = await folder.told("verify-stack", "--no-test-alert", **given)

    table.add("verify without a bot", "verify-stack", language, told, words)
    assert told.code == 1
    assert words in told.words


@pytest.mark.parametrize(("language", "words"), [("en", "There is no file config/bot.yml (seen from"), ("ko", "config/bot.yml 파일이 없습니다")])  # fmt: skip
async def test_another_folder_is_told_from_a_missing_setting(language, words, folder, table):
    (folder.path / "config/bot.yml").unlink()

    told = await folder.told("run", **FIT, BONGSU_LANGUAGE=language)

    table.add("another folder", "run", language, told, words)
    assert told.code == EXIT_CONFIGURATION
    assert words in told.words
    assert "BONGSU_CONFIG" in told.words


async def test_a_file_that_is_not_utf8_is_told_so(folder, table):
    for name, written, line in (
        ("another encoding", "a: 1\n# 한국어".encode("euc-kr"), 2),
        ("UTF-16", "a: 1".encode("utf-16"), 1),
    ):
        (folder.path / "config/bot.yml").write_bytes(written)
        words = f"config/bot.yml is not written in UTF-8 (line {line}); save it as UTF-8."

        told = await folder.told("run", **FIT, BONGSU_LANGUAGE="en")

        table.add(name, "run", "en", told, words)
        assert told.code == EXIT_CONFIGURATION
        assert words in told.words


async def test_the_shells_language_is_not_ours_and_our_old_name_is_kept_with_a_note(folder, table):
    shell = await folder.told("run", **{**FIT, "DISCORD_TOKEN": "", "LANGUAGE": "en_US:en"})
    old = await folder.told("run", **{**FIT, "DISCORD_TOKEN": "", "LANGUAGE": "ko"})

    table.add("LANGUAGE of the shell", "run", "en", shell, "DISCORD_TOKEN is not set")
    table.add("LANGUAGE by its old name", "run", "ko", old, "BONGSU_LANGUAGE")
    assert shell.words.startswith("bongsu: DISCORD_TOKEN is not set")
    assert "BONGSU_LANGUAGE" in old.words
    assert "DISCORD_TOKEN이 설정되지 않았습니다" in old.words


async def test_lengths_of_time_are_taken_as_people_type_them(folder):
    folder.write("silences: {least: 5m, default: 1h, most: 14d}\ninvestigation: {settle: 15s, pause: PT2M}")

    told = await folder.told("run", **{**FIT, "DISCORD_TOKEN": ""})

    assert told.words.startswith("bongsu: DISCORD_TOKEN is not set")


async def test_an_old_python_is_told_so(folder, table):
    old = "import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_module('bot', run_name='__main__')"

    told = await folder.told(sys.executable, "-c", old, **FIT)

    table.add("old Python", "run", "en", told, "Python 3.11 or newer")
    assert told.code == EXIT_CONFIGURATION
    assert "Python 3.11 or newer is needed, this is 3.9" in told.words
    # An older Python must be able to read what says it.
    ast.parse((ROOT / "bot/__init__.py").read_text("utf-8"), feature_version=(3, 7))


@pytest.mark.timeout(240)
async def test_the_example_of_the_environment_starts_without_compose(folder, playground):
    example = dict(re.findall(r"(?m)^(\w+)=(.*)$", (ROOT / "config/.env.example").read_text("utf-8")))

    told = await folder.told("check", **{**example, **at(playground)})

    assert told.code == 0, told.words
    assert not any(example.values())
