"""`make fresh`: the README's first command on a machine that has nothing, until the first card. Standard library only.

python3 tools/fresh.py                  # the commit that is checked out
python3 tools/fresh.py --base before    # then an earlier one, on another such machine: the one before 0.2, or a tag
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools import machine
from tools.environment import size_mb
from tools.fresh_machine import HAS, Fresh, Unable, git, running, why_not

# BSD's EX_UNAVAILABLE.
_EXIT_UNAVAILABLE = 69
_EXIT_TERMINATED = 143
_PAGE_S, _CARD_S, _MOST_OF_BASE = 90, 120, 0.15
_GIVE_UP_S = 1200.0
_ADDRESS = "http://127.0.0.1:"
# What the build before compiled with; one of its packages had no wheel.
_COMPILER = "build-essential cmake"

_TEXTS = {
    "en": {
        "making": "Making a machine that has nothing: {suite} with {has} …",
        "made": "It has {size:.0f} MB, and was made in {seconds:.0f} s (not counted below).",
        "changed": "What is not committed is not tried.",
        "trying": "Commit {commit}: make demo FAULT={fault} …",
        "table": "{clone:8.1f} s  to clone ({clone_mb:.0f} MB)\n"
        "{install:8.1f} s  to install (.venv {venv_mb:.0f} MB, Debian's packages {system_mb:.0f} MB)\n"
        "{page:8.1f} s  from the clone to the page ({page_is} of {page_s} s)\n"
        "{card:8.1f} s  from the clone to the first card ({card_is} of {card_s} s)",
        "within": "within the budget",
        "over": "over the budget",
        "base": "Before: commit {commit}, with a compiler; given up after {limit:.0f} s …",
        "base_page": "Before: the page came after {base:.1f} s; now {page:.1f} s, {share:.2f} of it ({share_is} of {most}).",
        "base_none": "Before: no page in {base:.1f} s; now {page:.1f} s, under {share:.2f} of it ({share_is} of {most}).",
        "unable": "A fresh machine cannot be made here: {problem}",
        "no_root": "debootstrap needs root (sudo make fresh)",
        "no_program": "{program} is not installed",
        "no_namespace": "this machine allows no namespaces",
        "no_commit": "there is no commit {commit} in this clone",
        "ended": "make demo ended with exit code {code}; the page was not shown.",
        "late": "No card in {limit:.0f} s.",
    },
    "ko": {
        "making": "아무것도 설치되지 않은 시스템을 만드는 중: {suite} ({has}) …",
        "made": "크기 {size:.0f} MB, 만드는 데 {seconds:.0f}초 걸렸습니다(아래 시간에는 포함하지 않습니다).",
        "changed": "커밋하지 않은 변경 사항은 시험하지 않습니다.",
        "trying": "커밋 {commit}: make demo FAULT={fault} …",
        "table": "{clone:8.1f}초  클론 ({clone_mb:.0f} MB)\n"
        "{install:8.1f}초  설치 (.venv {venv_mb:.0f} MB, Debian 패키지 {system_mb:.0f} MB)\n"
        "{page:8.1f}초  클론부터 페이지까지 ({page_is}, 기준 {page_s}초)\n"
        "{card:8.1f}초  클론부터 첫 카드까지 ({card_is}, 기준 {card_s}초)",
        "within": "기준 이내",
        "over": "기준 초과",
        "base": "이전 빌드: 커밋 {commit}, 컴파일러 있음, {limit:.0f}초 뒤에는 중단합니다 …",
        "base_page": "이전 빌드는 {base:.1f}초 만에 페이지를 표시했습니다. "
        "지금은 {page:.1f}초, 이전의 {share:.2f}배입니다({share_is}, 기준 {most}).",
        "base_none": "이전 빌드는 {base:.1f}초 안에 페이지를 표시하지 못했습니다. "
        "지금은 {page:.1f}초, 이전의 {share:.2f}배 미만입니다({share_is}, 기준 {most}).",
        "unable": "이 컴퓨터에서는 새 시스템을 만들 수 없습니다. {problem}",
        "no_root": "debootstrap에는 root 권한이 필요합니다(sudo make fresh).",
        "no_program": "설치되지 않은 프로그램: {program}",
        "no_namespace": "네임스페이스를 만들 수 없습니다.",
        "no_commit": "이 클론에는 {commit} 커밋이 없습니다.",
        "ended": "make demo가 종료 코드 {code}(으)로 끝나 페이지를 표시하지 못했습니다.",
        "late": "{limit:.0f}초 안에 카드가 올라오지 않았습니다.",
    },
}


@dataclass
class FreshTimes:
    """Seconds since the clone began, by what had happened; sizes in MB."""

    reached: dict[str, float] = field(default_factory=dict[str, float])
    sizes: dict[str, float] = field(default_factory=dict[str, float])


def _system_mb(folder: Path) -> float:
    return size_mb(folder / "usr") + size_mb(folder / "var")


def _has_card(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}control/messages?channel=alert-urgent", timeout=5) as answer:  # noqa: S310
            return bool(json.load(answer))
    except OSError:
        return False


def try_out(system: Fresh, line: str, until: str, limit_s: float, say: Callable[[str], None]) -> FreshTimes:
    """Clone and run a line in it until the page or the first card is there. Raises Unable if that does not come."""
    times, url = FreshTimes(), ""
    before = _system_mb(system.folder)
    began = time.monotonic()
    system.run("git clone --quiet /srv/bongsu.git bongsu")
    times.reached["clone"] = time.monotonic() - began
    clone = system.folder / "root/bongsu"
    times.sizes["clone"] = size_mb(clone)
    with running(system.command(f"cd bongsu && exec {line}")) as (process, lines):
        while until not in times.reached:
            now = time.monotonic() - began
            if now > limit_s:
                raise Unable("late", limit=limit_s)
            try:
                heard = lines.get(timeout=0.1)
            except queue.Empty:
                if process.poll() is not None:
                    raise Unable("ended", code=process.returncode) from None
            else:
                say(f"{now:8.1f} s  {heard}")
                # Make says what it starts.
                if "-m playground.demo" in heard:
                    times.reached.setdefault("install", now)
                if _ADDRESS in heard and not url:
                    url = heard[heard.index(_ADDRESS) :].split()[0]
                    times.reached["page"] = now
            if url and _has_card(url):
                times.reached["card"] = time.monotonic() - began
    # Without what Python compiled since, which is as much as was used.
    compiled = sum(size_mb(path) for path in (clone / ".venv").rglob("__pycache__"))
    times.sizes["venv"] = size_mb(clone / ".venv") - compiled
    times.sizes["system"] = _system_mb(system.folder) - before
    return times


@dataclass(frozen=True)
class Trial:
    """What is tried, and to whom it is told."""

    folder: Path
    language: str
    fault: str
    say: Callable[[str], None]

    def tell(self, key: str, **values: object) -> None:
        """Say a text in the reader's language."""
        self.say(_TEXTS[self.language][key].format(**values))

    def run(self, base: str) -> None:
        """Try this commit, and an earlier one if there is a name of one. Raises Unable."""
        commit, before = _commit("HEAD"), _commit(base) if base else ""
        if git("status", "--porcelain"):
            self.tell("changed")
        system = self._made()
        if before:
            subprocess.run(["cp", "-a", str(system.folder), str(self.folder / "before")], check=True)
        system.give(commit)
        self.tell("trying", commit=commit[:10], fault=self.fault)
        times = try_out(system, f"make demo FAULT={self.fault}", "card", _GIVE_UP_S, self.say)
        self._report(times)
        shutil.rmtree(system.folder, ignore_errors=True)
        if before:
            self._compare(before, times.reached["page"])

    def _made(self) -> Fresh:
        suite = machine.codename() or "stable"
        self.tell("making", suite=suite, has=HAS.replace(",", ", "))
        began = time.monotonic()
        system = Fresh(self.folder / "now", self.language, suite)
        system.make()
        self.tell("made", size=size_mb(system.folder), seconds=time.monotonic() - began)
        return system

    def _report(self, times: FreshTimes) -> None:
        reached = {name: round(seconds, 1) for name, seconds in times.reached.items()}
        sizes = {f"{name}_mb": size for name, size in times.sizes.items()}
        self.tell(
            "table",
            **reached,
            **sizes,
            page_s=_PAGE_S,
            card_s=_CARD_S,
            page_is=self._judged(reached["page"] <= _PAGE_S),
            card_is=self._judged(reached["card"] <= _CARD_S),
        )

    def _judged(self, within: bool) -> str:
        return _TEXTS[self.language]["within" if within else "over"]

    def _compare(self, commit: str, page: float) -> None:
        """Try an earlier commit for as long as the share is not known."""
        limit = page / _MOST_OF_BASE
        system = Fresh(self.folder / "before", self.language, machine.codename())
        system.run(f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {_COMPILER}")
        system.give(commit)
        self.tell("base", commit=commit[:10], limit=limit)
        try:
            base, key = try_out(system, "make demo", "page", limit, self.say).reached["page"], "base_page"
        except Unable as error:
            self.tell(error.key, **error.values)
            if error.key != "late":
                return
            base, key = limit, "base_none"
        share = page / base
        self.tell(
            key, base=base, page=page, share=share, share_is=self._judged(share <= _MOST_OF_BASE), most=_MOST_OF_BASE
        )


def _commit(name: str) -> str:
    """Return the id of a commit. Raises Unable."""
    if name == "before":
        # The parent of the first that took nothing but wheels.
        added = git("log", "-S--only-binary", "--format=%H", "--", "Makefile").splitlines()
        name = f"{added[-1]}^" if added else name
    try:
        return git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except subprocess.CalledProcessError:
        raise Unable("no_commit", commit=name) from None


def main(arguments: Sequence[str]) -> int:
    """Try it; return the exit code, which is about the card and not about the times."""
    parser = argparse.ArgumentParser(description="The first command on a machine that has nothing.")
    parser.add_argument("--base", default="", metavar="COMMIT", help="an earlier build to compare with")
    parser.add_argument("--fault", default="pool")
    chosen = parser.parse_args(arguments)
    language = "ko" if os.environ.get("LANG", "").startswith("ko") else "en"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_EXIT_TERMINATED))
    folder = Path(tempfile.mkdtemp(prefix="bongsu-fresh-"))
    try:
        problem = why_not()
        if problem:
            raise problem
        Trial(folder, language, chosen.fault, lambda line: print(line, flush=True)).run(chosen.base)
    except Unable as error:
        print(_TEXTS[language][error.key].format(**error.values), file=sys.stderr)
        return _EXIT_UNAVAILABLE
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
