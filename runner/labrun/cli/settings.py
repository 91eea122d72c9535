"""The only reader of the environment."""

import getpass
import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

import labrun
from labrun.app.settings import Settings
from labrun.domain.mode import Mode
from labrun.errors import UserError

LABS = "labs"
LONGEST_NAME = 100
RELEASE_SECONDS = 60.0
LONGEST_RELEASE = 3600.0
POOL_SIZE = 16
LARGEST_POOL = 256
CHECKOUT = Path(labrun.__file__).parents[2]  # what labrun came with, where it was cloned


def read_settings(
    *,
    labs: Path | None = None,
    learner: str | None = None,
    sandbox: str | None = None,
    exam: bool = False,
    key: Path | None = None,
) -> Settings:
    """Return the settings: what the command line says, else the environment, else the defaults."""
    env = _environment()
    root = labs or _path(env.get("LABRUN_LABS")) or _default_labs()
    beside = root.resolve().parent
    return Settings(
        home=_path(env.get("LABRUN_HOME")) or _home() / ".labrun",
        labs=root.resolve(),
        datasets=_path(env.get("LABRUN_DATASETS")) or beside / "datasets",
        containers=_path(env.get("LABRUN_CONTAINERS")) or CHECKOUT / "containers",
        learner=plain_name(learner or env.get("LABRUN_LEARNER") or _user()),
        sandbox=sandbox or env.get("LABRUN_SANDBOX") or "docker",
        mode=Mode.EXAM if exam else _mode(env.get("LABRUN_MODE")),
        release_seconds=_seconds(env.get("LABRUN_RELEASE_SECONDS")),
        engine=env.get("DOCKER_HOST") or None,
        transport=env.get("LABRUN_TRANSPORT") or "auto",
        runtime=env.get("LABRUN_RUNTIME") or None,
        pool_size=_pool_size(env.get("LABRUN_POOL")),
        tracking_uri=env.get("LABRUN_TRACKING_URI") or None,
        lab_key=SecretStr(text) if (text := env.get("LABRUN_LAB_KEY")) else None,
        lab_key_file=key or (None if text else _path(env.get("LABRUN_LAB_KEY_FILE"))),
    )


def wants_colour() -> bool:
    """Return whether colour is welcome, by the NO_COLOR convention."""
    return not _environment().get("NO_COLOR")


def _environment() -> Mapping[str, str]:
    return os.environ  # noqa: TID251  (here, and nowhere else)


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None


def _mode(text: str | None) -> Mode:
    try:
        return Mode(text or Mode.PRACTICE)
    except ValueError:
        msg = f"LABRUN_MODE is {text!r}"
        raise UserError(msg, help=f"set it to one of: {', '.join(Mode)}") from None


def _seconds(text: str | None) -> float:
    try:
        found = float(text or RELEASE_SECONDS)
    except ValueError:
        found = -1
    if not 0 <= found <= LONGEST_RELEASE:
        msg = f"LABRUN_RELEASE_SECONDS is {text!r}"
        raise UserError(msg, help=f"set it to seconds, from 0 to {LONGEST_RELEASE:g}")
    return found


def _pool_size(text: str | None) -> int:
    if text is None:
        return POOL_SIZE
    if not text.isdigit() or int(text) > LARGEST_POOL:
        msg = f"LABRUN_POOL is {text!r}"
        help_ = f"set it to how many warm containers may wait, from 0 to {LARGEST_POOL}"
        raise UserError(msg, help=help_)
    return int(text)


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        msg = "there is no home folder to keep things in"
        raise UserError(msg, help="set LABRUN_HOME to a folder") from None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "learner"


def plain_name(learner: str) -> str:
    """Return a learner's name that can be shown; `UserError` where it cannot."""
    if not learner.isprintable() or len(learner) > LONGEST_NAME:
        msg = f"the learner's name {learner!a} holds what cannot be shown, or is too long"
        raise UserError(msg, help=f"use at most {LONGEST_NAME} printable characters")
    return learner


def _default_labs() -> Path:
    """Return the labs beside the folder we are in, or above it, else those labrun came with."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if next((folder / LABS).glob("*/lab.yaml"), None):
            return folder / LABS
    return CHECKOUT / LABS
