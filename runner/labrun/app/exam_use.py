"""Labs that their authors keep for practice."""

from labrun.domain.lab import Lab
from labrun.errors import RefusedError


def practice_only(lab: Lab) -> str:
    """Return why a lab is not for exams."""
    return f"practice only: {lab.use.why}"


def refuse_practice_only(lab: Lab) -> None:
    """Raise `RefusedError` if a lab says that it may not decide an exam."""
    if not lab.use.exam:
        msg = f"lab {lab.slug!r} is not for exams: {lab.use.why}"
        raise RefusedError(msg, help="hand in for practice, or choose a lab that is for exams")
