"""Where the ``labrun`` program begins: a command that grades is handed to a waiting process.

What a grade needs takes a second to import, which a standby has done. Nothing is imported here
before it is known whether there is one.
"""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FIRST = frozenset({"submit", "check", "grade"})  # they leave a standby for what comes next
HANDED_OVER = FIRST | {"history", "leaderboard", "list", "result", "start", "status"}
FUNCTION = "labrun.cli.main:main"
IDLE_SECONDS = 900.0
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "DOCKER_HOST")
MODULES = (
    "pandas",
    "labrun.cli.main",
    "labrun.cli.submit_command",
    "labrun.cli.check_command",
    "labrun.cli.grade_command",
    "labrun.sandbox.backends.docker",
    "labrun.sandbox.backends.process",
    "labrun.sandbox.images",
    "labrun.sandbox.reaper",
    "labrun.sandbox.unit_main",
)


def main() -> None:
    """Run the command, here or in a fork of the standby."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    home = _home() if command in HANDED_OVER else None
    if home is None:
        _here()
        return
    from labrun.standby import client  # noqa: PLC0415  (`labrun --help` asks for none)

    code = client.run(home, FUNCTION, os.environ)  # noqa: TID251  (the whole of it is handed over)
    if code is not None:
        sys.exit(code)
    try:
        _here()
    finally:
        if command in FIRST and home.is_dir():
            client.ensure(home, MODULES, idle=IDLE_SECONDS, environment=_environment())


def _here() -> None:
    from labrun.cli.main import main as run  # noqa: PLC0415  (only where no standby answers)

    run()


def _home() -> "Path | None":
    """Return the home whose standby may be used; None where nothing is to wait."""
    env = os.environ  # noqa: TID251  (before the settings can be read)
    if env.get("LABRUN_POOL") == "0":
        return None
    from pathlib import Path  # noqa: PLC0415  (see `main`)

    try:
        return Path(env.get("LABRUN_HOME") or "~/.labrun").expanduser()
    except RuntimeError:
        return None


def _environment() -> dict[str, str]:
    env = os.environ  # noqa: TID251  (what a standby is started with holds no key)
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    return {name: env[name] for name in PASSED_ON if name in env} | one_thread
