"""Look round in a lab's container, as learner code would, for what must not be there."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labrun.app.bench import Bench
from labrun.sandbox import owner
from labrun.sandbox.base import PhaseEnded
from labrun.sandbox.labels import OWNER_LABEL
from labrun.sandbox.session import Session

LOOK_SECONDS = 120.0
SECRET_FOLDERS = ("hidden", "solution", "cheats", "baseline")
KEY = "the key of the lab"
LEAST_BYTES = 16  # an empty __init__.py is nobody's secret

# Sent as a submission: it walks the whole file system and reports digests, names and environment.
EXPLORER = """
import hashlib, os

def look():
    seen, names = [], []
    for root, folders, files in os.walk("/"):
        if root in ("/proc", "/sys", "/dev"):
            folders.clear()
            continue
        for file in files:
            path = os.path.join(root, file)
            names.append(path)
            try:
                with open(path, "rb") as body:
                    seen.append(hashlib.sha256(body.read()).hexdigest())
            except OSError:
                pass
    texts = [open(f"/proc/{p}/{f}", "rb").read().decode("utf-8", "replace")
             for p in os.listdir("/proc") if p.isdigit() for f in ("environ", "cmdline")
             if os.access(f"/proc/{p}/{f}", os.R_OK)]
    mounts = open("/proc/mounts").read()
    return {"digests": seen, "names": names, "texts": texts + [mounts], "env": dict(os.environ)}
"""


def reachable_secrets(bench: Bench, *, key: str | None = None) -> list[str]:
    """Return what of the lab's hidden material code in a container could find; empty is right.

    ``key`` is the text of the key of a sealed lab, which must not be there either.
    """
    secrets = dict(_secrets(bench))
    if key:
        secrets |= {hashlib.sha256(each.encode()).hexdigest(): KEY for each in (key, f"{key}\n")}
    labels = {OWNER_LABEL: owner.current().label()}
    box = bench.sandbox.start(bench.lab.limits, labels=labels)
    try:
        session = Session(box)
        session.request("put", folder="work", files={"explorer.py": EXPLORER.encode()})
        fields: dict[str, Any] = {
            "module": "explorer",
            "function": "look",
            "args": [],
            "kwargs": {},
        }
        seen = session.request("call", seconds=LOOK_SECONDS, returns="values", **fields)
    except PhaseEnded as ended:
        return [f"the container could not be searched: {ended.detail}"]
    finally:
        box.kill()
    found = [
        f"{secrets[digest]} lies in the container"
        for digest in seen["digests"]
        if digest in secrets
    ]
    words = (str(bench.folder), *(str(path) for path in _data_roots(bench)))
    texts = [*seen["texts"], *seen["env"].values(), *seen["names"]]
    found += [
        f"a path of the host shows: {word}" for word in words if any(word in t for t in texts)
    ]
    if key and any(key in text for text in texts):
        found.append(f"{KEY} shows in a name, an environment or a command line")
    return sorted(set(found))


def _data_roots(bench: Bench) -> list[Path]:
    return [bench.data.root] if bench.data else []


def _secrets(bench: Bench) -> Iterator[tuple[str, str]]:
    files = [path for name in SECRET_FOLDERS for path in (bench.folder / name).rglob("*")]
    if bench.data:
        files += list(bench.data.private.glob("*.csv"))
    for path in files:
        if path.is_file() and path.stat().st_size >= LEAST_BYTES:
            yield hashlib.sha256(path.read_bytes()).hexdigest(), path.name
