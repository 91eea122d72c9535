"""Read the tracks and the blueprints of exams."""

from pathlib import Path

from labrun.domain.blueprint import Blueprint, Track, Tracks
from labrun.errors import LabError
from labrun.store.lab_yaml import read_record

TRACKS_FILE = "tracks.yaml"
BLUEPRINT_FILE = "blueprint.yaml"


def read_tracks(exams: Path) -> tuple[Track, ...]:
    """Return the tracks that have a title, in order; none where the file is not there."""
    path = exams / TRACKS_FILE
    return read_record(path, Tracks).tracks if path.is_file() else ()


def read_blueprints(exams: Path) -> tuple[Blueprint, ...]:
    """Return the blueprint of every exam, lowest level first; raise `LabError` for a wrong one."""
    paths = sorted(exams.glob(f"*/{BLUEPRINT_FILE}"))
    found = [_read(path) for path in paths]
    return tuple(sorted(found, key=lambda each: (each.level, each.slug)))


def _read(path: Path) -> Blueprint:
    blueprint = read_record(path, Blueprint)
    if path.parent.name != blueprint.slug:
        msg = f"{path} says slug: {blueprint.slug!r}, but its folder is {path.parent.name!r}"
        raise LabError(msg, help="rename one of them")
    return blueprint
