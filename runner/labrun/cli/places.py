"""Work out which lab and which folder a command is about."""

from collections.abc import Sequence
from pathlib import Path

from labrun.app.settings import Settings
from labrun.domain.record import Record
from labrun.errors import LabError, RefusedError, UserError
from labrun.store.archives import is_archive_name
from labrun.store.labs import find_lab, find_labs
from labrun.store.workspace import Workspace, find


class Place(Record):
    """A lab, the folder of code, and the workspace it is, if it is one."""

    lab: Path
    code: Path
    workspace: Workspace | None = None


def labs_named(names: Sequence[str], settings: Settings) -> list[Path]:
    """Return the folders of these labs, or of all labs if none is named."""
    folders = [find_lab(settings.labs, name) for name in names]
    folders = folders or list(find_labs(settings.labs).values())
    if not folders:
        msg = f"there is no lab in {settings.labs}"
        raise LabError(msg, help="name the folder of labs: --labs FOLDER")
    return folders


def place_of(code: Path, lab: str | None, settings: Settings) -> Place:
    """Return what ``code`` belongs to: the lab named, else the one its workspace is for.

    ``code`` is a folder or an archive; an archive stands for itself, wherever it lies.
    """
    archived = is_archive_name(code.name) and code.is_file()
    if not (archived or code.is_dir()):
        msg = f"{str(code)!r} is not a folder"
        raise UserError(
            msg, help="give the folder that holds your work, or start one: labrun start"
        )
    try:
        workspace = find(code)
    except UserError:
        if lab is None:
            raise
        return Place(lab=find_lab(settings.labs, lab), code=code)
    marker = workspace.marker
    if lab is not None and find_lab(settings.labs, lab).name != marker.lab:
        msg = f"{str(code)!r} was started for lab {marker.lab!r}, not for {lab!r}"
        raise RefusedError(msg, help=f"leave --lab out, or run: labrun start {lab}")
    root = Path(marker.labs_root)
    where = root if root.is_dir() else settings.labs
    of = code if archived else workspace.root
    return Place(lab=find_lab(where, marker.lab), code=of, workspace=workspace)


def settings_for(place: Place, settings: Settings, learner: str | None) -> Settings:
    """Return the settings with the learner of the workspace, unless one was named."""
    if learner or place.workspace is None:
        return settings
    return settings.model_copy(update={"learner": place.workspace.marker.learner})
