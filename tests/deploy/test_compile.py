"""What the image's build compiles is what Python loads, whatever time its source has, and says what it asserts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.image import compile as compiling
from tools.images import ROOT

SOURCE = '''"""Of the module."""

from __future__ import annotations


class Only:
    """Of the class."""


def checked(value: int) -> int:
    """Of the function."""
    assert value > 0, "too small"
    return value


async def silent() -> None:
    """Nothing but this."""
'''


def ask(folder: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("explained", "docstrings"), [(True, "Of the module. Of the class. Of the function."), (False, "None None None")]
)
def test_docstrings_are_kept_or_left_out_and_assertions_stay(tmp_path, explained, docstrings):
    source = tmp_path / "told.py"
    source.write_text(SOURCE, "utf-8")

    compiling.write(source, explained=explained)

    assert ask(tmp_path, "import told; print(told.__doc__, told.Only.__doc__, told.checked.__doc__)") == docstrings
    assert (
        ask(tmp_path, "import told\ntry: told.checked(0)\nexcept AssertionError as error: print(error)") == "too small"
    )
    assert ask(tmp_path, "import told, asyncio; print(told.checked(3), asyncio.run(told.silent()))") == "3 None"


def test_it_holds_although_a_layer_changes_the_time_of_the_source(tmp_path):
    source = tmp_path / "told.py"
    source.write_text("loaded = 'compiled'", "utf-8")
    compiling.write(source, explained=True)

    # As a tar does to a time with a part of a second; only what was compiled knows the first words.
    source.write_text("loaded = 'source'", "utf-8")

    assert ask(tmp_path, "import told; print(told.loaded)") == "compiled"


def test_what_is_compiled_is_loaded_without_its_source(tmp_path):
    source = tmp_path / "told.py"
    source.write_text(SOURCE, "utf-8")
    compiling.write(source, explained=True)

    compiling.without_source(source)

    assert not source.exists()
    assert ask(tmp_path, "import told; print(told.checked(3))") == "3"


def test_what_gives_up_half_way_is_compiled_too(tmp_path):
    (tmp_path / "optional.py").write_text("import not_to_be_had", "utf-8")
    look = (
        "import sys; from pathlib import Path; from deploy.image import compile as compiling\n"
        "sys.addaudithook(compiling._executed); sys.path.insert(0, sys.argv[1])\n"
        "try: import optional\nexcept ImportError: print(*compiling._sources(Path(sys.argv[1])))"
    )

    done = subprocess.run(
        [sys.executable, "-B", "-c", look, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.strip() == str(tmp_path / "optional.py")
