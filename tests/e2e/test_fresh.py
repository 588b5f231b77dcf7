"""`make fresh`: a machine that has nothing shows a card, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.deploy.containers import give_up_if
from tools import fresh, fresh_machine

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tools" / "fresh.py"
DECIDES = ("pyproject.toml", "constraints.txt", "Makefile", "tools", "playground")


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return "" if done.returncode else done.stdout.strip()


def unchanged() -> bool:
    """Tell whether nothing that decides differs from origin/main; False where that cannot be known."""
    base, head = git("merge-base", "HEAD", "origin/main"), git("rev-parse", "HEAD")
    return bool(base) and base != head and not git("diff", "--name-only", base, "HEAD", "--", *DECIDES)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.skipif(unchanged(), reason=f"nothing changed in {', '.join(DECIDES)}; make fresh tries it all the same")
def test_a_machine_that_has_nothing_shows_a_card_and_nothing_is_left(tmp_path):
    problem = fresh_machine.why_not()
    give_up_if(fresh._TEXTS["en"][problem.key].format(**problem.values) if problem else "")
    environment = {**os.environ, "TMPDIR": str(tmp_path), "LANG": "C.UTF-8"}

    done = subprocess.run(
        [sys.executable, str(SCRIPT)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "The shop is broken already: Connection pool exhausted." in done.stdout
    assert re.search(r"(?m)^ +[\d.]+ s  from the clone to the first card \(", done.stdout)
    assert "Building wheel" not in done.stdout
    assert list(tmp_path.iterdir()) == []
    assert str(tmp_path) not in Path("/proc/mounts").read_text("utf-8")
    assert not [pid for pid in Path("/proc").glob("[0-9]*") if lives_in(pid, tmp_path)]


def lives_in(process: Path, folder: Path) -> bool:
    try:
        return str((process / "root").readlink()).startswith(str(folder))
    except OSError:
        return False


@pytest.fixture
def nobody(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)


@pytest.mark.parametrize(("language", "words"), [("en_US", "needs root"), ("ko_KR", "root 권한이 필요합니다")])
def test_who_may_not_make_a_machine_is_told_so(nobody, monkeypatch, capsys, language, words):
    monkeypatch.setenv("LANG", f"{language}.UTF-8")

    assert fresh.main([]) == 69

    assert words in capsys.readouterr().err


def test_a_commit_that_is_not_there_is_a_sentence():
    with pytest.raises(fresh.Unable) as caught:
        fresh._commit("no-such-commit")

    assert caught.value.key == "no_commit"


def test_the_build_before_is_the_last_that_compiled():
    commit = fresh._commit("before")

    makefile = fresh_machine.git("show", f"{commit}:Makefile")
    assert "pip install" in makefile
    assert "--only-binary" not in makefile
    assert "simcord" in fresh_machine.git("show", f"{commit}:pyproject.toml")


class Bare(fresh_machine.Fresh):
    """A folder on this machine whose `make demo` is two lines; no namespace, and nothing is installed."""

    demo = ""

    def make(self):
        (self.folder / "usr").mkdir(parents=True)
        (self.folder / "var").mkdir()

    def give(self, commit):
        self.commit = commit

    def command(self, line):
        return ["/bin/sh", "-c", f"cd {self.folder}/root; {line}"]

    def run(self, line):
        (self.folder / "root" / "bongsu").mkdir(parents=True, exist_ok=True)
        what = "exec sleep 5" if self.folder.name == "before" else self.demo
        (self.folder / "root/bongsu/Makefile").write_text(f"demo:\n\t@{what}\n", "utf-8")


@pytest.fixture
def page():
    """What a playground answers when there is one card."""

    class Card(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[{}]")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Card) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Before: no page in"), ("ko", "이전 빌드는")],
)
def test_times_are_told_and_an_earlier_build_is_waited_for_only_until_the_share_is_known(
    tmp_path, monkeypatch, page, language, words
):
    monkeypatch.setattr(fresh, "Fresh", Bare)
    monkeypatch.setattr(Bare, "demo", f"echo python -m playground.demo; echo Open {page}; exec sleep 5")
    said = []

    fresh.Trial(tmp_path, language, "pool", said.append).run("HEAD")

    table = next(line for line in said if " MB)" in line and "\n" in line)
    assert len(re.findall(r"(?m)^ +\d+\.\d ?(?:s|초)", table)) == 4
    assert said[-1].startswith(words)
    assert "0.15" in said[-1]


def test_what_ends_without_a_page_is_told_with_its_exit_code(tmp_path):
    system = Bare(tmp_path, "en", "bookworm")
    system.make()
    said = []

    with pytest.raises(fresh.Unable) as caught:
        fresh.try_out(system, "sh -c 'echo no wheel; exit 3'", "card", 60, said.append)

    assert caught.value.key == "ended"
    assert caught.value.values == {"code": 3}
    assert said[0].endswith("no wheel")


def test_both_languages_have_the_same_texts():
    assert fresh._TEXTS["en"].keys() == fresh._TEXTS["ko"].keys()
