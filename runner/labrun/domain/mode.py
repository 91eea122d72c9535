"""What a submission is made for, which decides how much its author is told."""

import enum


class Mode(enum.StrEnum):
    """``practice`` explains whatever it can; ``exam`` tells no more than outcome and points."""

    PRACTICE = "practice"
    EXAM = "exam"
