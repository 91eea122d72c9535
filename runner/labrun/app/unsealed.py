"""The lab as its author wrote it: in place where it is open, through its key where it is sealed."""

from pathlib import Path

from labrun.app.progress import Progress
from labrun.app.settings import Settings
from labrun.domain.lab import Lab
from labrun.errors import UserError
from labrun.store import datasets
from labrun.store.lab_keys import LabKey, key_of_text, read_key
from labrun.store.sealed_lab import is_sealed, public_tables, read_sealed

KEY_VARIABLE = "LABRUN_LAB_KEY"
NEEDS_KEY = (
    f"give --key FILE, or set {KEY_VARIABLE}_FILE or {KEY_VARIABLE}; `labrun check` needs none"
)


def lab_key(settings: Settings) -> LabKey | None:
    """Return the key the settings name, if any; `UserError` where it is not one."""
    if settings.lab_key_file:
        return read_key(settings.lab_key_file)
    if settings.lab_key:
        return key_of_text(settings.lab_key.get_secret_value(), f"the variable {KEY_VARIABLE}")
    return None


def authors_form(folder: Path, settings: Settings) -> tuple[Path, Settings]:
    """Return where the whole lab is, with its hidden parts, and the settings to use it with.

    An open lab is where it was. A sealed one is opened below labrun's home: `UserError` without
    its key or with another, `LabError` where it is not what was sealed.
    """
    if not is_sealed(folder):
        return folder, settings
    key = lab_key(settings)
    if key is None:
        msg = f"lab {folder.resolve().name!r} is sealed: grading it takes its key"
        raise UserError(msg, help=NEEDS_KEY)
    from labrun.store.opened import opened  # noqa: PLC0415  (only sealed labs need it)

    found = opened(folder, key, home=settings.opened, cache=settings.data)
    return found.folder, settings.model_copy(update={"datasets": found.datasets})


def learners_tables(
    folder: Path, lab: Lab, settings: Settings, progress: Progress
) -> datasets.Prepared | None:
    """Return the lab's data; of a sealed lab only what is public, for which it needs no key."""
    if is_sealed(folder):
        return public_tables(folder, read_sealed(folder))
    if lab.dataset is None:
        return None
    return datasets.prepare(settings.datasets / lab.dataset, settings.data, say=progress.say)
