"""Makes the base image: from a registry where one answers, else with debootstrap."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from docker import APIClient
from docker.errors import DockerException
from requests.exceptions import RequestException

from labrun.errors import ImageError
from labrun.sandbox import images_apt, images_build
from labrun.sandbox.images_build import Say

REGISTRY_IMAGE = "python:3.11-slim-bookworm"
REGISTRY_SILENCE = 20  # seconds without a byte from the registry before it counts as absent
ROOTFS = "labrun/rootfs:import"
ETC = Path("/etc")


def build(
    client: APIClient, tag: str, *, containers: Path, cache: Path, registry: str | None, say: Say
) -> None:
    """Build the base image under this tag; ``registry`` None never asks a registry."""
    root = registry if registry and _from_registry(client, registry, say) else None
    if root is None:
        _bootstrap(client, containers, cache, say)
    folder = containers / "base"
    try:
        images_build.build(
            client,
            tag,
            files={name: folder / name for name in ("Dockerfile", "trim.sh")},
            args={"ROOT": root or ROOTFS},
            labels={"labrun.root": root or "debootstrap"},
            say=say,
        )
    finally:
        if root is None:
            client.remove_image(ROOTFS, force=True)


def _from_registry(client: APIClient, image: str, say: Say) -> bool:
    if client.images(name=image):
        say(f"  base: {image} is on the engine")
        return True
    say(f"  base: asking the image registry for {image}")
    repository, _, tag = image.rpartition(":")
    patient, client.timeout = client.timeout, REGISTRY_SILENCE
    try:
        for event in client.pull(repository, tag=tag, stream=True, decode=True):
            if "error" in event:
                say(f"  base: no registry image ({str(event['error'])[:120]})")
                return False
    except (DockerException, RequestException) as error:
        say(f"  base: no registry answers ({type(error).__name__})")
        return False
    finally:
        client.timeout = patient
    return True


def _bootstrap(client: APIClient, containers: Path, cache: Path, say: Say) -> None:
    plan = images_apt.choose(ETC)
    command = [*_privileged(), "sh", str(containers / "base" / "bootstrap.sh")]
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="base-") as folder:
        packed = Path(folder) / "root.tar"
        say(f"  base: debootstrap {plan.suite} from {plan.mirror} (about a minute)")
        components = ",".join(plan.components)
        command += [str(packed), plan.suite, plan.mirror, components, plan.python, *plan.options]
        _run(command)
        say(f"  base: importing {packed.stat().st_size / 1e6:,.0f} MB")
        repository, _, tag = ROOTFS.rpartition(":")
        client.import_image_from_file(str(packed), repository=repository, tag=tag)


def _privileged() -> list[str]:
    if not shutil.which("debootstrap", path=f"{os.defpath}:/usr/local/sbin:/usr/sbin:/sbin"):
        msg = "no base image: no registry answers, and debootstrap is not installed"
        raise ImageError(msg, help="run: sudo containers/engine.sh  (it installs debootstrap)")
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo", "-n"]
    msg = "no base image: no registry answers, and debootstrap needs root"
    raise ImageError(msg, help="build the image once as root: labrun image build cpu")


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        msg = f"debootstrap failed: {' | '.join(lines[-3:])[-400:] or 'it printed nothing'}"
        raise ImageError(msg, help="check the mirror in the host's apt sources, or use a registry")
