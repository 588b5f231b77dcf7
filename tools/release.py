"""`make release`: wheel, sdist, list of what is in it (CycloneDX) and image of the commit that is checked out, checked.

python -m tools.release dist                # everything
python -m tools.release dist --no-image     # where no image can be built

Publishes nothing: the last lines say what to type for that.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.images import ROOT, Images, ProgramFailed, run, why_not

# BSD's EX_UNAVAILABLE.
_EXIT_UNAVAILABLE = 69
_IMAGE = "bongsu"

_TEXTS = {
    "en": {
        "changed": "What is not committed is not in it.",
        "building": "Building bongsu {version} of commit {commit} …",
        "trying": "Installing the wheel, and listing what it brings …",
        "image": "Building the image …",
        "made": "{size:8.1f} MB  {name}",
        "publish": "\nTo publish:\n\n{commands}\n",
        "no_changes": "CHANGELOG.md has no release {version}.",
        "failed": "The release could not be made: {problem}",
    },
    "ko": {
        "changed": "커밋하지 않은 변경 사항은 포함하지 않습니다.",
        "building": "bongsu {version}을(를) 빌드하는 중 (커밋 {commit}) …",
        "trying": "휠을 설치하고 구성 요소 목록을 만드는 중 …",
        "image": "이미지를 빌드하는 중 …",
        "made": "{size:8.1f} MB  {name}",
        "publish": "\n게시하려면 다음 명령을 실행합니다.\n\n{commands}\n",
        "no_changes": "CHANGELOG.md에 {version} 릴리스가 없습니다.",
        "failed": "릴리스를 만들지 못했습니다. {problem}",
    },
}


def version_of(source: Path) -> str:
    """Return the version that a source tree says it is. Raises ProgramFailed if its CHANGELOG does not know it."""
    found = re.search(r'^__version__ = "(.+)"$', (source / "bot/__init__.py").read_text("utf-8"), re.MULTILINE)
    version = found[1] if found else "?"
    if f"\n## {version} " not in (source / "CHANGELOG.md").read_text("utf-8"):
        raise ProgramFailed(_texts()["no_changes"].format(version=version))
    return version


def export(folder: Path) -> Path:
    """Unpack the commit that is checked out: what is built is what is committed. Raises ProgramFailed."""
    source = folder / "source"
    source.mkdir()
    run(["git", "-C", ROOT, "archive", "--output", folder / "source.tar", "HEAD"], 60)
    run(["tar", "-C", source, "-xf", folder / "source.tar"], 60)
    return source


def packages(source: Path, into: Path) -> list[Path]:
    """Build wheel and sdist and have them checked as the index will. Raises ProgramFailed."""
    wheels_only = os.environ | {"PIP_ONLY_BINARY": ":all:"}
    run([sys.executable, "-m", "build", "--outdir", into, source], 600, env=wheels_only)
    made = sorted([*into.glob("*.whl"), *into.glob("*.tar.gz")])
    run([sys.executable, "-m", "twine", "check", "--strict", *made], 120)
    return made


def contents(source: Path, wheel: Path, version: str, folder: Path) -> Path:
    """Install the wheel as the image has it, and list all that came with it. Raises ProgramFailed."""
    python = folder / "installed" / "bin" / "python"
    run([sys.executable, "-m", "venv", "--without-pip", folder / "installed"], 120)
    options = ["--quiet", "--only-binary", ":all:", "--no-compile", "--constraint", source / "constraints.txt"]
    run([sys.executable, "-m", "pip", "--python", python, "install", *options, f"{wheel}[ai,oncall,pictures]"], 900)
    said = run([python.with_name("bongsu"), "version"], 60, cwd=folder).strip()
    if said != f"bongsu {version}":
        raise ProgramFailed(f"bongsu version: {said}")
    path = wheel.parent / f"bongsu-{version}.cdx.json"
    words = ["environment", "--output-reproducible", "--output-format", "JSON", "--output-file", path, python]
    run([sys.executable, "-m", "cyclonedx_py", *words], 300)
    known = {each["name"].lower(): each.get("version") for each in json.loads(path.read_text("utf-8"))["components"]}
    if known.get("bongsu") != version or "discord.py" not in known:
        raise ProgramFailed(f"{path.name} does not list what is installed")
    return path


def image(version: str, into: Path) -> Path:
    """Build the image and pack it as `podman load` reads it. Raises ProgramFailed."""
    problem = why_not()
    if problem:
        raise ProgramFailed(problem)
    path = into / f"bongsu-{version}-image.tar"
    path.unlink(missing_ok=True)
    with Images.open(f"localhost/{_IMAGE}:{version}") as images:
        images.make()
        run([*images.podman, "save", "--format", "oci-archive", "--output", path, images.tag], 600)
    return path


def commands(version: str, made: Sequence[Path]) -> str:
    """Return what to type to publish."""
    lines = [f"git tag --annotate v{version} --message 'Bongsu {version}'", f"git push origin v{version}"]
    lines.append(f"twine upload {' '.join(str(path) for path in made if path.suffix in ('.whl', '.gz'))}")
    packed = [path for path in made if path.suffix == ".tar"]
    for path in packed:
        lines += [
            f"podman load --input {path}",
            f"podman push localhost/{_IMAGE}:{version} <registry>/{_IMAGE}:{version}",
        ]
    lines.append(
        f"gh release create v{version} --notes-file CHANGELOG.md {' '.join(str(path) for path in made if path not in packed)}"
    )
    return "\n".join(f"    {line}" for line in lines)


def release(into: Path, *, with_image: bool) -> None:
    """Make everything, in a folder, and say what to type. Raises ProgramFailed."""
    texts = _texts()
    into.mkdir(parents=True, exist_ok=True)
    commit = run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], 60).strip()
    if run(["git", "-C", ROOT, "status", "--porcelain"], 60).strip():
        print(texts["changed"], flush=True)
    with tempfile.TemporaryDirectory(prefix="bongsu-release-") as name:
        source = export(Path(name))
        version = version_of(source)
        print(texts["building"].format(version=version, commit=commit), flush=True)
        made = packages(source, into)
        print(texts["trying"], flush=True)
        wheel = next(path for path in made if path.suffix == ".whl")
        made.append(contents(source, wheel, version, Path(name)))
    if with_image:
        print(texts["image"], flush=True)
        made.append(image(version, into))
    sums = into / "SHA256SUMS"
    sums.write_text(
        "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made), "utf-8"
    )
    for path in [*made, sums]:
        print(texts["made"].format(size=path.stat().st_size / 1e6, name=path))
    print(texts["publish"].format(commands=commands(version, [*made, sums])))


def _texts() -> dict[str, str]:
    return _TEXTS["ko" if os.environ.get("LANG", "").startswith("ko") else "en"]


def main(arguments: Sequence[str]) -> int:
    """Make a release; return the exit code."""
    parser = argparse.ArgumentParser(description="Build and check a release.")
    parser.add_argument("into", type=Path)
    parser.add_argument("--no-image", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        release(chosen.into, with_image=not chosen.no_image)
    except (ProgramFailed, subprocess.TimeoutExpired) as error:
        print(_texts()["failed"].format(problem=error), file=sys.stderr)
        return _EXIT_UNAVAILABLE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
