"""Fills .venv with pinned packages, and says every few seconds how far it is. Standard library only.

python3 tools/environment.py ai,pictures        # what `make demo` runs on
python3 tools/environment.py dev                # what `make test` needs besides

Wheels only: what would have to be compiled is an error at once, with its name. `--no-compile`, because most of what is
installed is never imported; Python keeps the compiled form of what is.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

_PYTHON = Path(".venv/bin/python")
_PIP = ("-m", "pip", "--disable-pip-version-check")
# BSD's EX_UNAVAILABLE.
_EXIT_UNAVAILABLE = 69
_EVERY_S = 3.0
_SIZE = re.compile(r"^\s*(?:Downloading|Using cached) (\S+) \(([\d.]+) ([kMG]?)B\)")
_UNITS_MB = {"": 1e-6, "k": 1e-3, "M": 1.0, "G": 1e3}

_TEXTS = {
    "en": {
        "installing": "Installing Python packages (wheels only, into .venv) …",
        "preparing": "  pip is preparing …",
        "downloaded": "  {count} packages, {size:.0f} MB read; last: {name}",
        "unpacking": "  {count} packages, {size:.0f} MB read; unpacking …",
        "done": "{count} packages, {size:.0f} MB read in {seconds:.0f} s. .venv: {disk:.0f} MB.",
        "failed": "Python packages could not be installed:\n{log}",
    },
    "ko": {
        "installing": "Python 패키지를 설치하는 중 (휠만 사용, .venv에 설치) …",
        "preparing": "  pip이 준비하는 중 …",
        "downloaded": "  패키지 {count}개, {size:.0f} MB 받음. 마지막: {name}",
        "unpacking": "  패키지 {count}개, {size:.0f} MB 받음. 압축을 푸는 중 …",
        "done": "패키지 {count}개, {size:.0f} MB를 {seconds:.0f}초 만에 받았습니다. .venv: {disk:.0f} MB",
        "failed": "Python 패키지를 설치하지 못했습니다.\n{log}",
    },
}


class Progress:
    """Counts what pip says that it reads, and tells of it now and then."""

    def __init__(self, texts: dict[str, str], say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._texts, self._say, self._clock = texts, say, clock
        self._said_at = self._began_at = clock()
        self.count, self.size_mb, self._name = 0, 0.0, ""
        self._unpacking = False

    def hear(self, line: str) -> None:
        """Take one line of pip's output."""
        found = _SIZE.match(line)
        if found:
            self.count += 1
            self.size_mb += float(found[2]) * _UNITS_MB[found[3]]
            self._name = found[1].split("-")[0]
        self._unpacking = self._unpacking or line.startswith("Installing collected packages")

    def tick(self) -> None:
        """Say how far it is, if it is time to."""
        if self._clock() - self._said_at >= _EVERY_S:
            self._said_at = self._clock()
            key = "unpacking" if self._unpacking else "downloaded" if self.count else "preparing"
            self._say(self._texts[key].format(count=self.count, size=self.size_mb, name=self._name))

    def done(self, disk_mb: float) -> None:
        """Say what it came to."""
        seconds = self._clock() - self._began_at
        self._say(self._texts["done"].format(count=self.count, size=self.size_mb, seconds=seconds, disk=disk_mb))


def main(arguments: Sequence[str]) -> int:
    """Install the extras that are named and further requirements after them; return the exit code."""
    texts = _TEXTS["ko" if os.environ.get("LANG", "").startswith("ko") else "en"]
    extras, bare = arguments[0], arguments[1:]
    print(texts["installing"], flush=True)
    if not _PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", ".venv"], check=True)
        # Python 3.11 puts it there; what builds has its own, and 10 MB are 10 MB.
        subprocess.run([str(_PYTHON), *_PIP, "uninstall", "--quiet", "--yes", "setuptools"], check=False)
    progress = Progress(texts, lambda line: print(line, flush=True), time.monotonic)
    wanted = [["--editable", f".[{extras}]", "--constraint", "constraints.txt"]]
    # What is named besides is taken without what it depends on.
    wanted += [["--no-deps", *bare]] if bare else []
    for words in wanted:
        failed = install(words, progress)
        if failed:
            print(texts["failed"].format(log=failed), file=sys.stderr)
            return _EXIT_UNAVAILABLE
    progress.done(size_mb(Path(".venv")))
    return 0


def install(words: Sequence[str], progress: Progress) -> str:
    """Run pip; return the end of its output if it fails, else nothing."""
    options = ["--only-binary", ":all:", "--no-compile", "--progress-bar", "off"]
    last: deque[str] = deque(maxlen=8)
    with subprocess.Popen(
        [str(_PYTHON), *_PIP, "install", *options, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as child:

        def read() -> None:
            for line in child.stdout or ():
                progress.hear(line)
                last.append(line.rstrip("\n"))

        reader = threading.Thread(target=read)
        reader.start()
        while reader.is_alive():
            reader.join(0.1)
            progress.tick()
    return "\n".join(last) if child.returncode else ""


def size_mb(folder: Path) -> float:
    """Return what the files of a folder take on the disk, in MB."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*")) / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
