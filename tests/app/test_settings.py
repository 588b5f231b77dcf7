"""Settings: environment over secret files over bot.yml; every mistake one sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.__main__ import main
from bot.app.loading import load_catalogue, load_settings, misspelt_variables
from bot.app.settings import Settings
from bot.errors import ConfigurationError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def written(monkeypatch, tmp_path):
    """Write both files and point the environment at them; nothing else of the environment is seen."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    for name in list(os.environ):
        if name not in kept and not name.startswith(("PYTEST", "COV", "COVERAGE")):
            monkeypatch.delenv(name)

    def write(bot="", services="", **environment):
        (tmp_path / "bot.yml").write_text(bot, "utf-8")
        (tmp_path / "services.yml").write_text(services, "utf-8")
        monkeypatch.setenv("BONGSU_CONFIG", str(tmp_path / "bot.yml"))
        monkeypatch.setenv("BONGSU_SERVICES", str(tmp_path / "services.yml"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return tmp_path

    return write


def test_the_shipped_files_are_valid(written, monkeypatch):
    written()
    monkeypatch.setenv("BONGSU_CONFIG", str(ROOT / "config/bot.yml"))
    monkeypatch.setenv("BONGSU_SERVICES", str(ROOT / "config/services.yml"))

    assert load_settings().channels.urgent == "alert-urgent"
    assert load_catalogue().find("api").display == "API"


def test_the_environment_wins_over_the_file(written):
    written("language: en\nchannels: {urgent: fire}", BONGSU_LANGUAGE="ko", CHANNELS__NORMAL="calm")

    settings = load_settings()

    assert (settings.language, settings.channels.urgent, settings.channels.normal) == ("ko", "fire", "calm")


def test_an_empty_variable_is_none(written):
    written("loki_url: http://loki:3100/", LOKI_URL="")

    assert load_settings().loki_url == "http://loki:3100/"


def test_a_secret_may_come_from_a_file_and_is_never_shown(written, tmp_path):
    (tmp_path / "token").write_text("s3cret\n")
    written(DISCORD_TOKEN_FILE=str(tmp_path / "token"))

    settings = load_settings()

    assert settings.discord_token.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("bot", "named"),
    [
        ("langauge: ko", "langauge"),
        ("language: fr", "language"),
        ("timezone: Mars/Olympus", "timezone"),
        ("webhook_port: 99999", "webhook_port"),
        ("permissions: {ack: [oncall]}", "permissions.ack.0"),
        ("channels: {urgnet: x}", "channels.urgnet"),
        ("- a", "table"),
        ("a: [", "line 1"),
        ("discord_token: {x: 1}", "discord_token"),
    ],
)
def test_a_mistake_names_its_place(written, bot, named):
    written(bot)

    with pytest.raises(ConfigurationError) as caught:
        load_settings()

    assert named in caught.value.values["mistakes"]


def test_a_mistake_never_repeats_a_secret(written):
    written(DISCORD_TOKEN="s3cret", DISCORD_GUILD_ID="s3cret-guild")

    with pytest.raises(ConfigurationError) as caught:
        load_settings()

    assert "s3cret" not in str(caught.value)


def test_a_missing_file_is_a_sentence(written, monkeypatch):
    written()
    monkeypatch.setenv("BONGSU_CONFIG", "/nowhere/bot.yml")

    with pytest.raises(ConfigurationError, match="no_file"):
        load_settings()


def test_services_have_owners_or_inherit_them(written):
    written(
        services="owners: {roles: [7]}\nservices:\n  api: {display: API, owners: {users: [1], roles: [2]}}\n  chat: {}"
    )

    catalogue = load_catalogue()

    assert [owner.mention for owner in catalogue.find("api").owners] == ["<@&2>", "<@1>"]
    assert [owner.mention for owner in catalogue.find("chat").owners] == ["<@&7>"]
    assert [owner.mention for owner in catalogue.find("unheard of").owners] == ["<@&7>"]


def test_what_other_programs_are_told_is_no_misspelt_setting_of_ours(monkeypatch):
    for name in ("API_KEY", "BASE_URL", "PUBLIC_URL", "GRAFANA_TOKN"):
        monkeypatch.setenv(name, "x")
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "GRAFANA_PUBLIC_URL", "GRAFANA_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    assert [name for name, _ in misspelt_variables()] == ["GRAFANA_TOKN"]


def test_a_misspelt_service_is_a_sentence(written):
    written(services="services: {api: {ownres: {}}}")

    with pytest.raises(ConfigurationError):
        load_catalogue()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "DISCORD_TOKEN"),
        ({"DISCORD_TOKEN": "x"}, "DISCORD_GUILD_ID"),
        ({"DISCORD_TOKEN": "x", "DISCORD_GUILD_ID": "1", "DATABASE_URL": "mysql://u:pw@h/x"}, "DATABASE_URL"),
        ({"BONGSU_LANGUAGE": "xx"}, "BONGSU_LANGUAGE"),
    ],
)
def test_a_failed_start_is_one_sentence_and_an_exit_code(written, capsys, environment, words):
    written(**environment)

    code = main(["run"])

    error = capsys.readouterr().err
    assert code == 78
    assert words in error
    assert "Traceback" not in error
    assert "pw" not in error


def test_a_service_says_what_it_does_not_send(written):
    written(services="services: {nginx: {without: [metrics, traces]}, api: {}}")

    catalogue = load_catalogue()

    assert (catalogue.find("nginx").without, catalogue.find("api").without) == (("metrics", "traces"), ())


def test_a_kind_of_telemetry_that_does_not_exist_stops_the_start(written):
    written(services="services: {nginx: {without: [smells]}}")

    with pytest.raises(ConfigurationError) as caught:
        load_catalogue()

    assert "services.nginx.without.0" in caught.value.values["mistakes"]


def test_a_word_of_severity_means_one_thing():
    with pytest.raises(ValidationError, match="word_twice"):
        Settings(severities={"P1": ["Page"], "P3": ["page"]})
    assert Settings(severities={"P2": [4]}).severities == {"P2": ["4"]}
