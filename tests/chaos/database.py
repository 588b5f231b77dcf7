"""The databases that are spoilt: a small disk of its own for SQLite, and a PostgreSQL that can be restarted."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from io import RawIOBase
from pathlib import Path

from bot.store.database import Database
from playground.process import free_port
from tests.postgres import _binaries, _run, _wait, create_database

_DISK_MB = 12
_BLOCK = b"\0" * 65536


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a small disk at a folder, where that is allowed; tell whether it is."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no byte free on the disk of a folder; on one that is read-only nothing can be done."""
    for block in (_BLOCK, b"\0"):
        with suppress(OSError), (folder / "filler").open("ab", buffering=0) as file:
            while True:
                file.write(block)


def free(folder: Path) -> None:
    """Undo it."""
    with suppress(OSError):
        (folder / "filler").unlink(missing_ok=True)


def remount(folder: Path, how: str) -> bool:
    """Have a disk be `ro` or `rw`; what is open for writing may keep it from that."""
    command = ["mount", "-o", f"remount,{how}", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def immutable(*paths: Path) -> Iterator[bool]:
    """Have nothing written to open files, as on a disk that became read-only; tell whether the system can do that."""
    probe = paths[0].with_name("probe")
    try:
        with probe.open("wb", buffering=0) as file:
            kept = _attribute("+i", probe) and not _is_written(file)
            yield kept and _attribute("+i", *paths)
    finally:
        _attribute("-i", probe, *paths)
        probe.unlink()


def _attribute(change: str, *paths: Path) -> bool:
    command = [shutil.which("chattr") or "false", change, *map(str, paths)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _is_written(file: RawIOBase) -> bool:
    try:
        return bool(file.write(b"x"))
    except OSError:
        return False


def limit_files(pid: int, most: int = resource.RLIM_INFINITY) -> None:
    """Have no file of a process grow beyond so many bytes: what is left of a full disk where nothing may be mounted."""
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def lock(path: Path, seconds: float) -> None:
    """Have another program hold a file of SQLite for so long, beginning now."""

    def hold() -> None:
        with (
            closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as other,
            suppress(sqlite3.OperationalError),
        ):
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            other.execute("ROLLBACK")

    threading.Thread(target=hold, daemon=True).start()


class Postgres:
    """A server that can be stopped, in both ways, and started again on the same data."""

    def __init__(self, folder: Path) -> None:
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder, self._port = folder, free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self.address = f"postgresql://bongsu@127.0.0.1:{self._port}/bongsu"

    @classmethod
    @contextmanager
    def running(cls, template: Path, folder: Path) -> Iterator[Postgres]:
        """Run one on a copy of a folder."""
        folder.parent.chmod(0o755)
        subprocess.run(["cp", "-a", str(template), str(folder)], check=True)
        server = cls(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)

    def start(self) -> None:
        options = ["-D", self._folder, "-h", "127.0.0.1", "-p", str(self._port), "-k", self._folder, "-F"]
        self._server = subprocess.Popen(
            [str(part) for part in (_binaries() / "postgres", *options)],
            user=self._user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait(_binaries(), self._port, self._server)

    def stop(self, how: signal.Signals) -> None:
        """Stop it: SIGINT ends sessions, SIGQUIT is a crash."""
        assert self._server
        if self._server.poll() is None:
            self._server.send_signal(how)
            self._server.wait(timeout=60)

    async def restart(self, how: signal.Signals, away_s: float) -> None:
        await asyncio.to_thread(self.stop, how)
        await asyncio.sleep(away_s)
        await asyncio.to_thread(self.start)


def make_template(folder: Path) -> None:
    """Make a data folder with a migrated, empty database `bongsu`."""
    user = "postgres" if os.geteuid() == 0 else None
    folder.mkdir(parents=True)
    if user:
        shutil.chown(folder, user)
        folder.parent.chmod(0o755)
    _run([_binaries() / "initdb", "-D", folder, "-U", "bongsu", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
    server = Postgres(folder)
    server.start()
    try:
        address = create_database(server.address.rpartition("/")[0], "bongsu")
        asyncio.run(_migrated(address))
    finally:
        server.stop(signal.SIGINT)


async def _migrated(address: str) -> None:
    async with Database.open(address):
        pass


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"
