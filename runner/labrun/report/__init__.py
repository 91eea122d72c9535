"""Results as text: one format a module, each a function from a learner's Result to str."""

from collections.abc import Callable

from labrun.domain.result import Result
from labrun.registry import Registry

FORMATS: Registry[Callable[[Result], str]] = Registry("report format", "labrun.report")
