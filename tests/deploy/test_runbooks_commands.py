"""The commands of the runbooks fit the stack: services, volumes, secrets and settings that compose.yml has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.deploy.alerting_files import ROOT, load
from tests.deploy.test_runbooks import ENGLISH, PAGES, blocks

MAIN, AGENT = "compose.yml", "compose.agent.yml"
ENDS = {";", "&&", "||", "|", "<", ">", ">>", "&", "(", ")"}
# Options of Compose's commands that are followed by a value of their own.
VALUED = {"-f", "--profile", "--entrypoint", "--since", "--tail", "-v", "--user", "-u"}
# What follows the first argument is a command inside the container.
INSIDE = {"exec", "run"}


def compose_file(name: str) -> dict[str, Any]:
    return load(ROOT / name)


def written() -> Iterator[tuple[str, str]]:
    """Return every command line of every page: those of blocks, and those between backticks."""
    for path in PAGES:
        text = path.read_text("utf-8")
        lines = "\n".join(blocks(text, "sh")).replace("\\\n", " ").splitlines()
        inline = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL))
        for line in [*lines, *inline]:
            if "docker compose " in line:
                yield str(path.relative_to(ENGLISH)), line


def calls(line: str) -> Iterator[list[str]]:
    """Return the arguments of each `docker compose` in a line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    for place, pair in enumerate(pairwise(words)):
        if pair != ("docker", "compose"):
            continue
        rest = words[place + 2 :]
        end = next((number for number, word in enumerate(rest) if word in ENDS), len(rest))
        yield rest[:end]


def named(arguments: list[str]) -> tuple[str, set[str]]:
    """Return the compose file of a call, and the services that it names."""
    file = AGENT if AGENT in arguments else MAIN
    values = {place + 1 for place, word in enumerate(arguments) if word in VALUED}
    verb, *rest = [word for place, word in enumerate(arguments) if place not in values and not word.startswith("-")]
    if verb in INSIDE:
        return file, set(rest[:1])
    if verb == "cp":
        return file, {word.partition(":")[0] for word in rest if ":" in word}
    return file, set() if verb == "version" else set(rest)


CALLS = [(page, line, *named(arguments)) for page, line in written() for arguments in calls(line)]


def test_services_are_found_in_commands():
    assert [named(arguments) for arguments in calls("cd x && docker compose exec -T bot cat /a > b")] == [
        (MAIN, {"bot"})
    ]
    assert [named(each) for each in calls("docker compose -f compose.agent.yml logs --since 15m alloy")] == [
        (AGENT, {"alloy"})
    ]
    assert [named(each) for each in calls("docker compose run --rm --entrypoint sh api -c 'x y' < b")] == [
        (MAIN, {"api"})
    ]
    assert [named(each) for each in calls("docker compose cp grafana:/a b; docker compose up -d --wait bot")] == [
        (MAIN, {"grafana"}),
        (MAIN, {"bot"}),
    ]


def test_every_service_that_a_command_names_is_one_of_the_stack():
    services = {file: set(compose_file(file)["services"]) for file in (MAIN, AGENT)}

    assert len(CALLS) > 60
    assert {(page, line, name) for page, line, file, names in CALLS for name in names - services[file]} == set()


def test_every_volume_that_is_named_is_one_of_the_stack():
    text = (ENGLISH / "backup-and-restore.md").read_text("utf-8")

    volumes = set(re.findall(r"volume `([\w-]+)`", text))

    assert volumes == set(compose_file(MAIN)["volumes"]) - {"shop-logs"}


def test_every_secret_has_its_part():
    secrets = set(compose_file(MAIN)["secrets"])
    rotation = (ENGLISH / "secret-rotation.md").read_text("utf-8")
    deployment = (ENGLISH / "deployment.md").read_text("utf-8")

    assert {name for name in secrets if f"`{name}`" in rotation} == secrets
    assert {name for name in secrets if re.search(rf"\b{name}\b", deployment)} == secrets
    for path in PAGES:
        assert set(re.findall(r"secrets/(\w+)", path.read_text("utf-8"))) <= secrets


def test_what_a_secret_is_used_by_is_what_has_it():
    services = compose_file(MAIN)["services"]
    rotation = (ENGLISH / "secret-rotation.md").read_text("utf-8")

    for row in re.findall(r"^\| (`.+)$", rotation, re.MULTILINE):
        names, users, *_ = row.split(" | ")
        for name in re.findall(r"`(\w+)`", names):
            # The playground plays Discord and Grafana's part in the demo; the admin's password is for people.
            having = {each for each, part in services.items() if name in part.get("secrets", [])} - {"playground"}
            told = set(re.findall(r"bot|grafana", users))
            assert told == having - ({"grafana"} if name == "grafana_admin_password" else set())


def test_every_setting_of_env_is_one_of_the_example():
    example = "".join((ROOT / f"config/{name}.example").read_text("utf-8") for name in (".env", "compose.env"))
    composed = "".join((ROOT / name).read_text("utf-8") for name in (MAIN, AGENT))
    settings = {name for path in PAGES for name in re.findall(r"`([A-Z]+(?:_[A-Z]+)+)[=`]", path.read_text("utf-8"))}

    assert settings
    assert {name for name in settings if name not in example and name not in composed} == set()
