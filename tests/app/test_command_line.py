"""The command line of `bongsu`: what is read, and what of it is refused, in the operator's language."""

from __future__ import annotations

import pytest

from bot.__main__ import main
from bot.app.command_line import COMMANDS, Typed, parsed
from bot.i18n import LANGUAGES, catalogue


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        ("run", Typed("run")),
        ("verify", Typed("verify")),
        ("verify-stack --no-test-alert --wait 5", Typed("verify", test_alert=False, wait_s=5)),
        ("verify --wait=2.5", Typed("verify", wait_s=2.5)),
        ("init --yes", Typed("init", yes=True)),
        ("demo --fault pool --help", Typed("demo", ("--fault", "pool", "--help"))),
        ("--version", Typed("version")),
        ("-h", Typed("help")),
        ("check --help", Typed("help")),
    ],
)
def test_what_was_typed_is_read(words, typed):
    assert parsed(words.split()) == typed


REFUSED = [
    ("", "Say which command: run, check", "명령을 지정하세요: run, check"),
    ("chek", "no command chek; did you mean check?", "chek 명령이 없습니다. 혹시 check입니까?"),
    ("frobnicate", "There are: run, check", "사용할 수 있는 명령: run, check"),
    ("verify --no-test-alrt", "did you mean --no-test-alert?", "혹시 --no-test-alert입니까?"),
    ("run --port", "`bongsu run` has no option --port. It has: –", "`bongsu run`에 --port 옵션이 없습니다"),
    ("run -x", "no option -x", "-x 옵션이 없습니다"),
    ("init now", "does nothing with now", "now 값이 필요하지 않습니다"),
    ("init --yes=1", "--yes stands alone", "--yes 옵션에는 =와 값을"),
    ("verify --wait", "--wait needs a value", "--wait 옵션 뒤에 값이"),
    ("verify --wait soon", "soon is none", "soon은(는) 초가 아닙니다"),
    ("verify --wait nan", "nan is none", "nan은(는) 초가 아닙니다"),
    ("verify --wait -3", "-3 is none", "-3은 초가 아닙니다"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("words", "en", "ko"), REFUSED, ids=[each[0] or "nothing" for each in REFUSED])
def test_what_cannot_be_read_is_refused_in_the_operators_language(words, en, ko, language, monkeypatch, capsys):
    monkeypatch.setenv("BONGSU_LANGUAGE", language)

    code = main(words.split())

    told = capsys.readouterr().err
    assert code == 2
    assert {"en": en, "ko": ko}[language] in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_every_command_and_option(language, monkeypatch, capsys):
    monkeypatch.setenv("BONGSU_LANGUAGE", language)

    assert main(["--help"]) == 0

    told = capsys.readouterr().out
    options = [f"--{option.rstrip('=')}" for known in COMMANDS.values() for option in known]
    assert [word for word in (*COMMANDS, *options) if word not in told] == []
    assert told.strip() == catalogue(language)["command.help"].strip()
