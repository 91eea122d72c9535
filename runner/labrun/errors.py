"""Every error labrun raises on purpose, and the exit code each one maps to.

LabrunError
├── UserError            exit 2  the person at the keyboard can fix it; nothing is counted
│   ├── LabError                 the author: lab.yaml, a lab directory or a data set is wrong
│   ├── SubmissionError          the learner: the files handed in break the rules of the lab
│   └── MissingExtraError        this installation lacks an optional part the command needs
├── RefusedError         exit 3  a rule says no: attempts used up, cooldown, wrong lab
└── PlatformError        exit 4  labrun or its host failed; no attempt is spent
    ├── SandboxError             a sandbox could not be started, or was lost before it reported
    ├── ImageError               a sandbox image is missing or cannot be built
    ├── StoreError               the ledger, the evidence or a file could not be read or kept
    ├── TrackerError             a grade could not be recorded; it is kept and tried again
    └── ForgeError               a forge could not be told of a grade; it is kept

Learner code that crashes, hangs or scores badly is not an error: it is evidence.
"""


class LabrunError(Exception):
    """Base of every deliberate failure; ``help`` says what to do next."""

    exit_code = 4

    def __init__(self, message: str, *, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


class UserError(LabrunError):
    """The caller gave labrun something it cannot use."""

    exit_code = 2


class LabError(UserError):
    """A lab directory or a data set does not describe a gradable lab."""


class SubmissionError(UserError):
    """A submission breaks the rules of its lab."""


class MissingExtraError(UserError):
    """An optional part of labrun is not installed."""


class RefusedError(LabrunError):
    """A rule of the lab refuses the request."""

    exit_code = 3


class PlatformError(LabrunError):
    """Labrun could not do its part; the learner is not to blame."""


class SandboxError(PlatformError):
    """A sandbox could not be started, or was lost before it reported."""


class ImageError(PlatformError):
    """A sandbox image is missing, stale or cannot be built."""


class StoreError(PlatformError):
    """Something could not be read from or kept on disk."""


class TrackerError(PlatformError):
    """A grade could not be recorded."""


class ForgeError(PlatformError):
    """A forge could not be told of a grade."""
