"""Downloads an image's locked wheels with the host's pip, so that its build needs no network."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from labrun.errors import ImageError

PYTHON = "3.11"
GLIBC = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_24", "manylinux_2_17", "manylinux2014")
SHORT = 12


def download(name: str, locks: list[Path], *, arch: str, cache: Path) -> Path:
    """Return a folder with one wheel for each line of the locks, from the cache when it is there.

    ``arch`` is the engine's machine type, as in the names of wheels: x86_64, aarch64.
    """
    content = b"".join(lock.read_bytes() for lock in locks) + arch.encode()
    wheels = cache / "wheels" / name
    folder = wheels / hashlib.sha256(content).hexdigest()[:SHORT]
    if folder.is_dir():
        return folder
    shutil.rmtree(wheels, ignore_errors=True)
    partial = wheels / "partial"
    partial.mkdir(parents=True)
    _pip(locks, partial, arch)
    partial.rename(folder)
    return folder


def _pip(locks: list[Path], folder: Path, arch: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--quiet", "--disable-pip-version-check", "--implementation", "cp"]
    command += ["--python-version", PYTHON, "--abi", "cp311", "--abi", "abi3", "--abi", "none"]
    command += [part for glibc in GLIBC for part in ("--platform", f"{glibc}_{arch}")]
    command += [part for lock in locks for part in ("-r", str(lock))]
    done = subprocess.run(
        [*command, "-d", str(folder)],
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise _explained(done.stdout)


def _explained(output: str) -> ImageError:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if any("No module named pip" in line for line in lines):
        msg = f"{sys.executable} has no pip, which downloads the wheels"
        return ImageError(msg, help=f"run: {sys.executable} -m ensurepip")
    errors = [line for line in lines if line.startswith("ERROR:")] or lines[-1:] or ["no output"]
    wanted = "+cpu" in output
    help_ = "check pip's index and network (pip config list); the build uses the host's settings"
    if wanted:
        help_ = "pip must know an index or folder with PyTorch's CPU wheels (PIP_EXTRA_INDEX_URL)"
    return ImageError(f"cannot download the locked wheels: {errors[-1]}", help=help_)
