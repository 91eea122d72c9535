"""Start: a folder in which a learner works on a lab."""

from datetime import UTC, datetime
from pathlib import Path

from labrun.app.progress import Progress
from labrun.app.settings import Settings
from labrun.app.unsealed import learners_tables
from labrun.store.labs import find_lab, read_lab
from labrun.store.workspace import Created, create


def start(lab: str, folder: Path | None, *, settings: Settings, progress: Progress) -> Created:
    """Return the workspace made in ``folder``; files that are there already are kept."""
    lab_dir = find_lab(settings.labs, lab)
    read = read_lab(lab_dir)
    return create(
        folder or Path(read.slug),
        lab_dir,
        lab=read,
        learner=settings.learner,
        prepared=learners_tables(lab_dir, read, settings, progress),
        started=datetime.now(UTC),
    )
