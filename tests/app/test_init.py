"""`bongsu init`: three files from what was answered, which the program then reads; nothing of anybody's is overwritten."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.app.init import init, local_zone, questions
from bot.i18n import catalogue

ROOT = Path(__file__).parents[2]
READ = """
from bot.app.folder import enter_folder
from bot.app.loading import load_catalogue, load_settings
enter_folder()
s = load_settings()
print(s.language, s.timezone, s.discord_guild_id, s.prometheus_url, s.loki_url, s.tempo_url)
print(s.investigation.runbooks, s.investigation.runbooks_url, *s.investigation.explore.items())
print(s.discord_token.get_secret_value(), bool(s.webhook_token.get_secret_value()), *load_catalogue().services)
"""
SCRIPT = [sys.executable, "-m", "bot"]


# How the coverage of a process is told to it.
COVERAGE = {name: value for name, value in os.environ.items() if name.startswith("COV")}


def process(folder, *words, typed="", **environment):
    """Run the program in a folder with nothing but these variables."""
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **COVERAGE, **environment}
    return subprocess.run(
        [*SCRIPT, *words],
        cwd=folder,
        env=known,
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def bongsu(tmp_path, monkeypatch, capsys):
    """Do what a process does, in this one, which has loaded everything: in this folder, where nobody types."""
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def run(*words, **environment):
        os.environ.clear()
        os.environ.update({"LANG": "C.UTF-8", **environment})
        return Done(main(words), *capsys.readouterr())

    yield run
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", [each.name for each in questions("en", "UTC")])
def test_every_question_has_its_words(language, name):
    assert f"init.ask_{name.lower()}" in catalogue(language)


def test_what_was_answered_is_what_the_program_reads(tmp_path):
    (tmp_path / "런북").mkdir()
    typed = {
        "BONGSU_LANGUAGE": "ko",
        "TIMEZONE": "Europe/Berlin",
        "DISCORD_TOKEN": "the-token",
        "DISCORD_GUILD_ID": "123456",
        "PROMETHEUS_URL": "http://prometheus:9090",
        "LOKI_URL": "http://loki:3100",
        "TEMPO_URL": "http://tempo:3200",
        "GRAFANA_URL": "http://grafana:3000",
        "GRAFANA_TOKEN": "the-token-of-grafana",
        "INVESTIGATION__EXPLORE": "prometheus=P1-uid, loki=L1",
        "INVESTIGATION__RUNBOOKS": "런북",
        "INVESTIGATION__RUNBOOKS_URL": "https://wiki.example.com",
        "SERVICES": "api, chat",
    }
    lines = [typed.get(each.name, "") for each in questions("en", "UTC")]
    done = process(tmp_path, "init", typed="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    assert "시간대 Europe/Berlin" in done.stdout
    # It began in English, and goes on in what was chosen.
    assert "Language of cards" in done.stdout
    assert "Discord 서버 ID" in done.stdout
    assert "Id of the Discord server" not in done.stdout

    read = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **COVERAGE},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert read.stdout.splitlines() == [
        "ko Europe/Berlin 123456 http://prometheus:9090 http://loki:3100 http://tempo:3200",
        "런북 https://wiki.example.com ('prometheus', 'P1-uid') ('loki', 'L1')",
        "the-token True api chat",
    ]
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0


def test_what_does_not_fit_is_asked_again(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = {
        "BONGSU_LANGUAGE": ["fr", "en"],
        "TIMEZONE": ["Mars/Olympus", "Asia/Seoul"],
        "DISCORD_GUILD_ID": ["my server", "42"],
        "LOKI_URL": ["ftp://x", ""],
        "GRAFANA_URL": ["http://grafana:3000"],
        "INVESTIGATION__EXPLORE": ["influx=1", ""],
        "INVESTIGATION__RUNBOOKS": ["nowhere", ""],
        "SERVICES": ["one; two", ""],
    }
    # Where runbooks are read is asked of nobody who has none.
    asked = [each.name for each in questions("en", "UTC") if each.name != "INVESTIGATION__RUNBOOKS_URL"]
    answers = iter([typed for name in asked for typed in given.get(name, [""])])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))

    assert init("en", sys.stdout, ask=True) == 0

    assert next(answers, None) is None
    out = capsys.readouterr().out
    refused = ("fr", "Mars/Olympus", "my server", "ftp://x", "influx=1", "nowhere", "one; two")
    assert [word for word in refused if f'"{word}" does not fit' not in out] == []
    assert "discord_guild_id: 42\n" in (tmp_path / "bot.yml").read_text("utf-8")


@pytest.mark.parametrize("standing", ["bot.yml", "services.yml", ".env"])
def test_what_stands_there_is_never_overwritten(bongsu, tmp_path, standing):
    (tmp_path / standing).write_text("mine", "utf-8")

    done = bongsu("init", "--yes")

    assert done.returncode == 73
    assert standing in done.stdout
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [(standing, "mine")]


@pytest.mark.parametrize(("spoken", "words"), [("C.UTF-8", "Nobody is there"), ("ko_KR.UTF-8", "답할 사람이")])
def test_where_nobody_answers_it_is_a_sentence(bongsu, tmp_path, spoken, words):
    done = bongsu("init", LANG=spoken)

    assert done.returncode == 78
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_questions_the_environment_answers_where_it_fits(bongsu, tmp_path):
    done = bongsu(
        "init",
        "--yes",
        BONGSU_LANGUAGE="xx",
        LANGUAGE="en_US:en",
        TIMEZONE="Asia/Tokyo",
        DISCORD_GUILD_ID="7",
        GRAFANA_URL="no",
    )

    assert done.returncode == 0
    written = (tmp_path / "bot.yml").read_text("utf-8")
    assert "\nlanguage: en\n" in written
    assert "\ntimezone: Asia/Tokyo\n" in written
    assert "\ndiscord_guild_id: 7\n" in written
    assert "\n# grafana_url:" in written


def test_the_zone_that_is_proposed_is_the_machines(monkeypatch):
    monkeypatch.setenv("TZ", "America/Lima")
    assert local_zone() == "America/Lima"
    monkeypatch.setenv("TZ", "KST-9")
    assert local_zone() != "KST-9"


def test_a_folder_whose_settings_are_named_reads_no_secrets_of_another_program(bongsu, tmp_path):
    (tmp_path / "bot.yml").write_text("", "utf-8")
    (tmp_path / ".env").write_text("WEBHOOK_PORT=never", "utf-8")

    done = bongsu("check", BONGSU_CONFIG="bot.yml", DATABASE_URL="sqlite:///db")

    assert "WEBHOOK_PORT" not in done.stderr + done.stdout


def test_a_file_of_secrets_that_cannot_be_read_is_a_sentence(bongsu, tmp_path):
    (tmp_path / "bot.yml").write_text("", "utf-8")
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")

    done = bongsu("check")

    assert done.returncode == 78
    assert ".env" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_told(bongsu):
    done = bongsu("version")

    assert done.stdout.split()[0] == "bongsu"
    assert done.stdout.split()[1].count(".") == 2
