"""Code of ours that runs inside a sandbox, to open there what the host must not open.

Its files are put beside the submission, under names that win over a learner's. What comes back is
testimony all the same: the file that was opened may have taken the process over.
"""

from importlib import resources
from typing import Any

from labrun.domain import notebook
from labrun.domain.lab import Lab, Phase
from labrun.domain.submission import Submission
from labrun.errors import LabError
from labrun.sandbox.base import PhaseEnded
from labrun.sandbox.session import Session, Watch

OPEN_TABLE = "labrun_open_table"
OPEN_MODEL = "labrun_open_model"


def files_for(phase: Phase) -> dict[str, bytes]:
    """Return the files of ours that a phase needs in its sandbox; most need none."""
    name = OPEN_TABLE if phase.read else OPEN_MODEL if phase.open else None
    return {f"{name}.py": source(name)} if name else {}


def runnable(lab: Lab, submission: Submission) -> Submission:
    """Return the submission as it is run: of a notebook, with a module that runs its cells."""
    if lab.submission.kind != "notebook":
        return submission
    files = {
        **notebook.as_modules(submission.files),
        f"{notebook.GUEST}.py": source(notebook.GUEST),
    }
    return submission.model_copy(update={"files": files})


def source(name: str) -> bytes:
    """Return one of the modules of ours that run inside a sandbox."""
    return resources.files(__name__).joinpath(f"{name}.py").read_bytes()


def opened(session: Session, phase: Phase, *, seconds: float, watch: Watch) -> Any:
    """Return what the file holds that the phase opens, or what a model says of its table."""
    if phase.read:
        refuse_unready(session, OPEN_TABLE, phase.read, "pyarrow", seconds=seconds)
        return _call(session, OPEN_TABLE, "table", args=[phase.read], seconds=seconds, watch=watch)
    path = phase.open or ""
    refuse_unready(session, OPEN_MODEL, path, "onnxruntime", seconds=seconds)
    ask: dict[str, Any] = {"seconds": seconds, "watch": watch, "kwargs": {"path": path}}
    if not phase.input:
        return _call(session, OPEN_MODEL, "contents", **ask)
    return _call(session, OPEN_MODEL, "predict", inputs=list(phase.input), **ask)


def refuse_unready(
    session: Session, module: str, path: str, library: str, *, seconds: float
) -> None:
    """Raise `LabError` if the image lacks a library.

    Asked before the file is touched: what is missing now is missing from the image.
    """
    try:
        _call(session, module, "ready", seconds=seconds)
    except PhaseEnded as ended:
        said = ended.error.message if ended.error else ended.detail
        msg = f"the image cannot open {path}: {said}"
        raise LabError(msg, help=f"name an `image` that has {library}") from None


def _call(session: Session, module: str, function: str, **fields: Any) -> Any:
    ask = {"args": [], "kwargs": {}, "returns": "values", **fields}
    return session.request("call", module=module, function=function, **ask)
