"""Reads a YAML file into a table of settings; what is no YAML, or stands there twice, is a sentence with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import yaml

from bot.app.mistakes import configuration_error
from bot.errors import ConfigurationError
from bot.i18n import Phrase


class _Strict(yaml.SafeLoader):
    """Loads plain values, and refuses a key that stands there twice: YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if key.tag != "tag:yaml.org,2002:merge" and name in seen:
                raise _Twice(name, key.start_mark.line + 1)
            seen.add(name)
        return super().construct_mapping(node, deep)


class _Twice(yaml.YAMLError):
    def __init__(self, name: str, line: int) -> None:
        super().__init__(name)
        self.name, self.line = name, line


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a file; an empty one is an empty table. Raises ConfigurationError."""
    words = read_text(path)
    try:
        # A subclass of SafeLoader.
        raw: Any = yaml.load(words, _Strict)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: a date such as 2026-13-45.
        raise _mistake(path, _problem(error, words)) from error
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise _mistake(path, Phrase("mistake.no_table"))
    return {str(name): value for name, value in cast("dict[Any, Any]", raw).items()}


def read_text(path: Path, variable: str = "") -> str:
    """Read a file, which a variable may have named. Raises ConfigurationError."""
    named = f"{variable} ({path})" if variable else str(path)
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        if variable:
            raise ConfigurationError(
                "errors.no_file_of", file=str(path), here=str(Path.cwd()), variable=variable
            ) from error
        raise ConfigurationError("errors.no_file", file=str(path), here=str(Path.cwd())) from error
    except IsADirectoryError as error:
        raise ConfigurationError("errors.folder_for_file", file=named) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError("errors.no_utf8", file=named, line=str(line)) from error
    except OSError as error:
        raise ConfigurationError("errors.unreadable_file", file=named, problem=error.strerror or str(error)) from error


def _mistake(path: Path, problem: Phrase) -> ConfigurationError:
    return configuration_error([Phrase("mistake.of_file_whole", file=path, problem=problem)])


def _problem(error: Exception, words: str) -> Phrase:
    if isinstance(error, RecursionError):
        return Phrase("mistake.too_deep")
    if isinstance(error, _Twice):
        return Phrase("mistake.yaml_twice", line=error.line, name=error.name)
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Phrase("mistake.other", problem=" ".join(str(error).split())[:200])
    lines = words.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: mark.column + 1]:
        return Phrase("mistake.yaml_tab", line=mark.line + 1)
    problem = " ".join(str(getattr(error, "problem", "") or "").split())[:200]
    return Phrase("mistake.yaml", line=mark.line + 1, column=mark.column + 1, problem=problem)
