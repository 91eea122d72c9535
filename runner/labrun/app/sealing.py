"""Seal and open labs, so that a lab can live where everybody can read it."""

import shutil
from pathlib import Path

from labrun.app.progress import Progress
from labrun.app.settings import Settings
from labrun.app.unsealed import NEEDS_KEY, lab_key
from labrun.domain.lab import Lab
from labrun.domain.record import Record
from labrun.errors import LabError, StoreError, UserError
from labrun.store import sealing
from labrun.store.datasets import Prepared, prepare
from labrun.store.lab_keys import LabKey, make_key, refuse_key_within
from labrun.store.labs import check_files, find_labs, read_lab
from labrun.store.placing import Placed
from labrun.store.sealed_header import SEALED_FILE
from labrun.store.sealed_lab import DATA, clear_sources, describe, is_sealed, secret_sources


class Sealed(Record):
    """What `seal` did; ``still_clear`` is the data set's folder where it could not be removed."""

    lab: str
    path: Path
    key_id: str
    files: int
    bytes: int
    clear: tuple[str, ...]
    still_clear: Path | None = None
    used_by: tuple[str, ...] = ()


class OpenedLab(Record):
    """What `open_lab` did."""

    lab: str
    folder: Path
    placed: Placed


def seal(
    folder: Path, *, settings: Settings, progress: Progress, to: Path | None, new_key: Path | None
) -> Sealed:
    """Seal the lab in ``folder``: in place, or as ``to``/labs/<slug>, with a key or a new one.

    In place the data set's folder goes too, unless another lab there uses it. Raises `LabError`
    where the lab is not whole, `UserError` where the key would be published with the lab.
    """
    lab, data, dataset = _whole(folder, settings, progress)
    clear = clear_sources(folder, data, dataset)
    secret = secret_sources(folder, data, dataset)
    about = describe(lab, folder, clear, data)
    key = _key_for(folder, to, settings, new_key)
    progress.say(f"sealing {len(secret)} files of lab {lab.slug}")
    target = to / "labs" / lab.slug if to else folder
    if to:
        manifest = sealing.seal_to(target, secret, clear, about=about, key=key)
    else:
        manifest = sealing.seal_in_place(folder, secret, clear, about=about, key=key)
    others = _users(dataset, lab, settings) if dataset and not to else ()
    if dataset and not to and not others:
        _remove(dataset)
    return Sealed(
        lab=lab.slug,
        path=target / SEALED_FILE,
        key_id=key.id,
        files=len(manifest.files),
        bytes=sum(entry.size for entry in manifest.files),
        clear=tuple(about.clear),
        still_clear=dataset if others else None,
        used_by=others,
    )


def open_lab(folder: Path, *, settings: Settings, progress: Progress, to: Path | None) -> OpenedLab:
    """Give a sealed lab the form its author wrote: in place, or below ``to``.

    Below ``to`` it is labs/<slug>, with its data set in datasets/<name>. Raises `UserError` for a
    wrong key or where a file that differs is in the way; nothing is written then.
    """
    if not is_sealed(folder):
        msg = f"{folder} is not sealed: it has no {SEALED_FILE}"
        raise LabError(msg, help="`labrun lab seal` seals a lab")
    key = lab_key(settings)
    if key is None:
        msg = f"opening lab {folder.resolve().name!r} takes its key"
        raise UserError(msg, help=NEEDS_KEY.partition(";")[0])
    slug = read_lab(folder).slug
    progress.say(f"opening lab {slug}")
    target = to / "labs" / slug if to else folder
    datasets = to / "datasets" if to else settings.datasets
    if to:
        placed = sealing.open_to(
            folder, key, lab=target, datasets=datasets, scratch=settings.opened
        )
    else:
        placed = sealing.open_in_place(folder, key, datasets=datasets, scratch=settings.opened)
    return OpenedLab(lab=slug, folder=target, placed=placed)


def _whole(
    folder: Path, settings: Settings, progress: Progress
) -> tuple[Lab, Prepared | None, Path | None]:
    """Return the lab, its tables and its data set's folder; refuse what could not be graded."""
    if is_sealed(folder):
        msg = f"{folder} is sealed already"
        raise LabError(msg, help="to change it, open it first: labrun lab open")
    lab = read_lab(folder)
    problems = check_files(folder, lab)
    if (folder / DATA).exists() and lab.dataset:
        problems.append(f"{folder} has a folder {DATA}/, where a sealed lab keeps its tables")
    if problems:
        raise LabError("\n".join(problems), help="a lab is sealed when it is whole")
    if lab.dataset is None:
        return lab, None, None
    dataset = settings.datasets / lab.dataset
    return lab, prepare(dataset, settings.data, say=progress.say), dataset


def _key_for(folder: Path, to: Path | None, settings: Settings, new_key: Path | None) -> LabKey:
    path = new_key or settings.lab_key_file
    for place in (folder, to):
        if path and place:
            refuse_key_within(path, place)
    if new_key:
        return make_key(new_key)
    key = lab_key(settings)
    if key is None:
        msg = "sealing takes a key"
        raise UserError(msg, help="make one: --new-key FILE; or use one you have: --key FILE")
    return key


def _users(dataset: Path, lab: Lab, settings: Settings) -> tuple[str, ...]:
    """Return the other open labs beside this one that use the same data set."""
    users = []
    for slug, folder in find_labs(settings.labs).items():
        if slug == lab.slug or is_sealed(folder):
            continue
        try:
            other = read_lab(folder)
        except LabError:
            users.append(slug)  # it may use it
            continue
        if other.dataset == dataset.name:
            users.append(slug)
    return tuple(users)


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        msg = f"the lab is sealed, but {folder} cannot be removed: {error.strerror}"
        raise StoreError(msg, help="remove it before you publish the lab") from error
