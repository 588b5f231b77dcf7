"""Settings as other programs write them, or as somebody guesses them: taken where it is plain, told in en and ko where not."""

from __future__ import annotations

import pytest

from bot.app.folder import enter_folder
from bot.app.loading import load_catalogue, load_settings
from bot.doctor.lines import sentence
from bot.errors import ConfigurationError
from tests.app.test_settings import written  # noqa: F401 - a fixture


def told(load) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        load()
    said = {language: sentence(language, caught.value) for language in ("en", "ko")}
    assert said["en"] != said["ko"]
    assert not any("s3cret" in words for words in said.values())
    return said


@pytest.mark.parametrize(
    ("environment", "en", "ko"),
    [
        ({"TIMEZONE": "asia/seoul"}, "did you mean Asia/Seoul?", "혹시 Asia/Seoul입니까?"),
        ({"TIMEZONE": "Seoul"}, "did you mean Asia/Seoul?", "혹시 Asia/Seoul입니까?"),
        ({"TIMEZONE": "America/New York"}, "did you mean America/New_York?", "혹시 America/New_York입니까?"),
        ({"TIMEZONE": "Europe/Berln"}, "did you mean Europe/Berlin?", "혹시 Europe/Berlin입니까?"),
        ({"TIMEZONE": "XYZ"}, "XYZ is not a time zone", "XYZ은(는) IANA"),
        ({"PROMETHEUS_URL": "http://::1:9090"}, "stands in brackets, such as http://[::1]:9090", "대괄호"),
        ({"LOKI_URL": "http://fe80::12:3100/loki"}, "stands in brackets", "대괄호"),
        ({"LOKI_URL": "http://u:s3cret@2001:db8::1"}, "stands in brackets", "대괄호"),
        ({"WEBHOOK_HOST": "0.0.0.0:8085"}, "the port is WEBHOOK_PORT", "포트는 WEBHOOK_PORT"),
        ({"WEBHOOK_HOST": "http://0.0.0.0"}, "an address to listen at and nothing else", "수신할 주소만"),
        ({"METRICS_PORT": "8085"}, "are both 8085", "모두 8085입니다"),
        ({"DATABASE_URL": "mysql://b:s3cret@h/x"}, "is not an address of SQLite", "DATABASE_URL은 SQLite"),
        ({"DATABASE_URL": "host=h dbname=x password=s3cret"}, "is not an address of SQLite", "DATABASE_URL은 SQLite"),
        ({"DATABASE_URL": "jdbc:postgresql://h/x?password=s3cret"}, "is not an address of", "DATABASE_URL은 SQLite"),
        (
            {"GRAFANA_URL": "http://admin:s3cret@grafana:3000", "GRAFANA_TOKEN": "glsa_0123456789"},
            "take them out of the address",
            "주소에서 지우세요",
        ),
    ],
)
def test_what_another_program_takes_is_told_how_to_write_here(written, environment, en, ko):  # noqa: F811
    written(**environment)

    said = told(load_settings)

    assert en in said["en"]
    assert ko in said["ko"]


@pytest.mark.parametrize(
    ("bot", "en", "ko"),
    [
        (
            "channels: alert-urgent",
            "lines of `name: value` below it; its names: urgent, normal",
            "이름: urgent, normal",
        ),
        ("status: {queries: [up]}", "lines of `name: {}` below it", "`이름: {}` 줄"),
        ("silences: 5m", "its names: least, most, default", "이름: least, most, default"),
        ("language = 'en'", "it is not a table of settings", "설정 목록"),
    ],
)
def test_what_is_no_table_is_told_what_stands_in_it(written, bot, en, ko):  # noqa: F811
    written(bot)

    said = told(load_settings)

    assert en in said["en"]
    assert ko in said["ko"]


@pytest.mark.parametrize(
    ("services", "en", "ko"),
    [
        ("services: [api, chat]", "lines of `name: {}` below it, one for each, and no list", "목록이 아니라"),
        ("services: api", "lines of `name: {}` below it", "`이름: {}` 줄"),
        ("services: {api: backend}", "its names: display, owners", "이름: display, owners"),
        ("api: {display: API}", "if api is a service, put it under `services:`", "`services:` 아래로 옮기세요"),
    ],
)
def test_services_that_are_no_table_are_told_how_to_stand(written, services, en, ko):  # noqa: F811
    written(services=services)

    said = told(load_catalogue)

    assert en in said["en"]
    assert ko in said["ko"]


def test_a_service_may_be_called_by_a_number(written):  # noqa: F811
    written(services="services: {404: {}}")

    assert list(load_catalogue().services) == ["404"]


def test_what_was_copied_along_with_a_value_is_no_part_of_it(written):  # noqa: F811
    written(
        DISCORD_GUILD_ID="12\r",
        LOG_LEVEL=" debug\r",
        ALERT_SOURCE="auto\r",
        CHANNELS__URGENT="fire\r",
        LOKI_URL="http://loki:3100\r",
        WEBHOOK_HOST="[::1]",
        CHANNELS__NORMAL="https://discord.com/channels/1/22",
        GRAFANA_URL="http://grafana:3000",
        GRAFANA_TOKEN="Bearer glsa_0123",
        DISCORD_TOKEN="Bot abc.def",
    )

    read = load_settings()

    assert (read.discord_guild_id, read.log_level, read.channels.urgent) == (12, "DEBUG", "fire")
    assert (read.alert_source, read.loki_url, read.webhook_host) == ("auto", "http://loki:3100", "::1")
    assert read.channels.normal == "22"
    assert (read.grafana_token.get_secret_value(), read.discord_token.get_secret_value()) == ("glsa_0123", "abc.def")


@pytest.mark.parametrize(("typed", "read"), [("<#42>", "42"), ("#alert", "alert"), ("alert", "alert"), ("42", "42")])
def test_a_channel_is_named_as_discord_shows_it(written, typed, read):  # noqa: F811
    written(CHANNELS__URGENT=typed)

    assert str(load_settings().channels.urgent) == read


@pytest.fixture
def folder(written, monkeypatch, tmp_path):  # noqa: F811
    """Write an env file beside bot.yml and stand there, as after `bongsu init`."""
    written()
    monkeypatch.delenv("BONGSU_CONFIG")
    monkeypatch.delenv("BONGSU_SERVICES")
    monkeypatch.chdir(tmp_path)

    def write(words: bytes):
        (tmp_path / ".env").write_bytes(words)

    return write


@pytest.mark.parametrize(
    "words",
    [
        b"# ours\r\nexport DISCORD_GUILD_ID=42\r\nLOG_LEVEL=debug\r\n",
        b"\xef\xbb\xbfDISCORD_GUILD_ID = '42'\n\nLOG_LEVEL=debug # loud\n",
        b"DISCORD_GUILD_ID=42\nLOG_LEVEL=debug\nDISCORD_GUILD_ID=42\n",
    ],
    ids=["windows", "byte order mark", "twice the same"],
)
def test_an_env_file_is_read_however_it_was_saved(folder, words, monkeypatch):
    for name in ("DISCORD_GUILD_ID", "LOG_LEVEL", "BONGSU_CONFIG", "BONGSU_SERVICES"):
        # What is set while it runs is taken away again.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    folder(words)

    enter_folder()

    read = load_settings()
    assert (read.discord_guild_id, read.log_level) == (42, "DEBUG")


def test_what_a_template_has_left_empty_may_be_written_below_it(folder, monkeypatch):
    # Set and taken away, so that what the file sets is taken back in the end.
    monkeypatch.setenv("LOKI_URL", "")
    monkeypatch.delenv("LOKI_URL")
    folder(b"LOKI_URL=\nTEMPO_URL=\nLOKI_URL=http://loki:3100\nLOKI_URL=http://loki:3100\n")

    enter_folder()

    assert load_settings().loki_url == "http://loki:3100"


@pytest.mark.parametrize(
    ("words", "en", "ko"),
    [
        (b"\n# a colon\nDISCORD_GUILD_ID: 42\n", ".env: line 3 cannot be read", ".env: 3행을 읽을 수 없습니다"),
        (
            b'LOG_LEVEL=INFO\nDISCORD_TOKEN="s3cret\n',
            "line 2 cannot be read: write NAME=value",
            "2행을 읽을 수 없습니다",
        ),
        (b"A=1\nLOKI_URL=s3cret\n\nLOKI_URL=b\n", "line 4: LOKI_URL stands there a second time", "4행: LOKI_URL이(가)"),
        ("DISCORD_GUILD_ID=42\n".encode("utf-16"), ".env is not written in UTF-8 (line 1)", "UTF-8이 아닙니다(1행)"),
    ],
)
def test_an_env_file_that_cannot_be_read_names_its_line(folder, words, en, ko):
    folder(words)

    said = told(enter_folder)

    assert en in said["en"]
    assert ko in said["ko"]
