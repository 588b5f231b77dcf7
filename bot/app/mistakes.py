"""Turns pydantic's errors into sentences: where the mistake stands (file or variable), what is wrong, what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.domain.near_misses import near_misses
from bot.errors import ConfigurationError
from bot.i18n import Phrase, both, has

_KINDS: Final = {
    "missing": "missing",
    "int_type": "int",
    "int_parsing": "int",
    "int_from_float": "int",
    "int_parsing_size": "int",
    "float_type": "number",
    "float_parsing": "number",
    "finite_number": "number",
    "bool_type": "bool",
    "bool_parsing": "bool",
    "string_type": "string",
    "string_sub_type": "string",
    "list_type": "list",
    "dict_type": "table",
    "model_type": "table",
    "model_attributes_type": "table",
    "time_delta_type": "span",
    "time_delta_parsing": "span",
    "string_pattern_mismatch": "pattern_rate",
}
_IDS: Final = frozenset({"discord_guild_id", "read", "ack", "silence", "users", "roles"})
# pydantic writes the bounds of lengths of time as "5 minutes" or as Python does.
_LENGTH: Final = re.compile(r"(\d+) (day|hour|minute|second)s?,? ?")
_DAYS: Final = re.compile(r"datetime\.timedelta\(days=(\d+)\)")
_MARKS: Final = "\"'“”‘’"

Origin = Callable[[tuple[str | int, ...], Phrase], Phrase]


def configuration_error(mistakes: Iterable[Phrase]) -> ConfigurationError:
    """Return all mistakes as one error."""
    return ConfigurationError("errors.configuration", mistakes=reduce(both, mistakes))


def of_file(path: Path) -> Origin:
    """Say of each mistake that it stands in a file, and where there."""

    def place(loc: tuple[str | int, ...], problem: Phrase) -> Phrase:
        return Phrase("mistake.of_file", file=path, place=".".join(map(str, _called(loc))), problem=problem)

    return place


def of_sources(path: Path, environment: Mapping[str, str], secrets: Collection[str]) -> Origin:
    """Say of each mistake whether it stands in a variable, in a secret's file or in `bot.yml`, the strongest first."""
    known = {name.upper(): name for name, value in environment.items() if value}
    in_file = of_file(path)

    def place(loc: tuple[str | int, ...], problem: Phrase) -> Phrase:
        for count in range(len(loc), 0, -1):
            name = known.get("__".join(map(str, loc[:count])).upper())
            if name:
                return Phrase("mistake.of_variable", name=name, problem=problem)
        secret = str(loc[0]).upper()
        file = environment.get(f"{secret}_FILE")
        if secret in secrets and file:
            return Phrase("mistake.of_secret_file", name=secret, file=file, problem=problem)
        return in_file(loc, problem)

    return place


def mistakes_of(error: ValidationError, model: type[BaseModel], origin: Origin) -> list[Phrase]:
    """Return one sentence for each mistake; a value that may be a secret is in none of them."""
    told: dict[Phrase, None] = {}
    for item in error.errors(include_input=False, include_url=False):
        loc = item["loc"]
        # Of a value that may be this or that pydantic names both kinds.
        shown = tuple(part for part in loc if part not in ("[key]", "str", "int"))
        told[origin(shown, _problem(item, loc, model))] = None
    return list(told)


def near(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known name that was probably meant, or nothing; `cutoff` is the share of letters they have in common."""
    return next(iter(near_misses(name, known, cutoff=cutoff)), "")


def quoted(value: str) -> bool:
    """Whether somebody took the quotation marks of a shell or a document along."""
    return len(value) > 1 and value[0] in _MARKS and value[-1] in _MARKS


def _called(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return ("language", *loc[1:]) if loc[:1] == ("bongsu_language",) else loc


def _problem(item: ErrorDetails, loc: tuple[str | int, ...], model: type[BaseModel]) -> Phrase:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        meant = near(str(loc[-1]), _names(model, loc[:-1]))
        return Phrase("mistake.extra_forbidden_near", near=meant) if meant else Phrase("mistake.extra_forbidden")
    if kind in ("literal_error", "enum"):
        return _one_of(str(context["expected"]), str(loc[-2] if loc[-1] == "[key]" else ""))
    if kind in _BOUNDS:
        key, name, value = _BOUNDS[kind]
        return Phrase(key, **{name: _bound(str(context[value]))})
    if kind.startswith("date_"):
        return Phrase("mistake.date")
    if kind.startswith("int_") and _IDS & set(map(str, loc)):
        return Phrase("mistake.int_id")
    if _KINDS.get(kind) == "table":
        return _table(model, loc)
    if kind in _KINDS:
        return Phrase(f"mistake.{_KINDS[kind]}")
    # Our own kinds carry their key.
    return (
        Phrase(f"mistake.{kind}", **context) if has(f"mistake.{kind}") else Phrase("mistake.other", problem=item["msg"])
    )


_BOUNDS: Final = {
    "greater_than_equal": ("mistake.at_least", "least", "ge"),
    "less_than_equal": ("mistake.at_most", "most", "le"),
    "greater_than": ("mistake.more_than", "least", "gt"),
    "less_than": ("mistake.less_than", "most", "lt"),
    "string_too_long": ("mistake.too_long", "most", "max_length"),
}


def _table(model: type[BaseModel], loc: tuple[str | int, ...]) -> Phrase:
    """Say what a table looks like: which names it knows, or whatever names people give."""
    for part in loc:
        field = model.model_fields.get(str(part))
        named = field is not None and get_origin(field.annotation) is dict
        if named and part == loc[-1]:
            return Phrase("mistake.table_of_names")
        inner = _models(field.annotation) if field else []
        model = inner[0] if inner else model
    return Phrase("mistake.table", known=", ".join(model.model_fields))


def _one_of(expected: str, typed: str) -> Phrase:
    choices = re.findall(r"'([^']*)'", expected)
    meant = near(typed, choices) if typed else ""
    values = ", ".join(choices)
    if meant:
        return Phrase("mistake.one_of_near", expected=values, near=meant)
    return Phrase("mistake.one_of", expected=values)


def _bound(value: str) -> str:
    if value == "datetime.timedelta(0)":
        return "0s"
    if days := _DAYS.fullmatch(value):
        return f"{days[1]}d"
    parts = _LENGTH.findall(value)
    return "".join(f"{number}{unit[0]}" for number, unit in parts) if parts else value


def _names(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """Return the names that are known where an unknown one stands."""
    for part in loc:
        field = model.model_fields.get(str(part))
        inner = _models(field.annotation) if field else []
        model = inner[0] if inner else model
    return ["language" if name == "bongsu_language" else name for name in model.model_fields]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models(inner)]
