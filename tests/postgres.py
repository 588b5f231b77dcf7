"""A real PostgreSQL of Debian's package, on a free loopback port, in a temporary folder; stopped by pid."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playground.process import free_port


@contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the address of an empty server, for example postgresql://bongsu@127.0.0.1:5433."""
    bin_folder = _binaries()
    with tempfile.TemporaryDirectory(prefix="bongsu-pg-") as name:
        folder = Path(name)
        # PostgreSQL refuses to run as root, which is who runs the tests on many build machines.
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        _run([bin_folder / "initdb", "-D", data, "-U", "bongsu", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
        port = free_port()
        options = ["-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder, "-F"]
        server = subprocess.Popen(
            [str(part) for part in (bin_folder / "postgres", *options)],
            user=user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(bin_folder, port, server)
            yield f"postgresql://bongsu@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


def create_database(address: str, name: str, template: str = "template1") -> str:
    """Create a database, a copy of `template`, and return its address."""
    administer(address, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return f"{address}/{name}"


def administer(address: str, statement: str) -> None:
    """Run a statement as the owner of the server, outside every database under test."""
    command = [str(_binaries() / "psql"), f"{address}/postgres", "-q", "-o", os.devnull, "-c", statement]
    subprocess.run(command, check=True, timeout=120)


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    on_path = shutil.which("postgres")
    if found and (found[-1].parent / "initdb").exists():
        return found[-1].parent
    if on_path and Path(on_path).with_name("initdb").exists():
        return Path(on_path).resolve().parent
    raise AssertionError("PostgreSQL is not installed: the Debian package `postgresql` has it")


def _run(command: list[object], user: str | None) -> None:
    done = subprocess.run(
        [str(part) for part in command], user=user, cwd="/", capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def _wait(bin_folder: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, "PostgreSQL ended at once"
        ready = subprocess.run(
            [str(bin_folder / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)], check=False, timeout=60
        )
        if ready.returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("PostgreSQL did not start")
