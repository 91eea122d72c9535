"""What waits, what is lent, and what to start next: the keeper's store of containers."""

import collections
import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from labrun.errors import LabrunError
from labrun.sandbox import owner
from labrun.sandbox.labels import OWNER_LABEL
from labrun.sandbox.pool import Need

if TYPE_CHECKING:
    from labrun.sandbox.backends.docker import Container, DockerSandbox
    from labrun.sandbox.sitter import Sitter

LOOK_SECONDS = 2.0  # between looks at whether those that wait still live
PAUSE_SECONDS = 5.0  # after an engine that could not start one
FILLERS = max(1, min(2, os.cpu_count() or 1))
REMEMBERED = 8  # needs, the latest ones


class Shelf:
    """Containers by need, at most ``size`` of them and about ``memory_mb`` in all.

    What commands asked for while at least one was at work is what is kept ready for the next one.
    Nothing is started while a command is at work, which needs the processors itself, unless one
    that is at work asked for it (``eager``).
    """

    def __init__(self, *, size: int, memory_mb: int) -> None:
        self._size = size
        self._memory_mb = memory_mb
        self._news = threading.Condition()
        self._waiting: dict[Need, collections.deque[Container]] = {}
        self._weights: dict[str, float] = {}
        self._targets: collections.OrderedDict[Need, int] = collections.OrderedDict()
        self._asked: collections.Counter[Need] = collections.Counter()
        self._making: collections.Counter[Need] = collections.Counter()
        self._leases: dict[str, tuple[Container, Mapping[str, str]]] = {}
        self._joined = 0
        self._eager = 0
        self._ending = False
        self._sandboxes: dict[tuple[str, str, str | None], DockerSandbox] = {}
        self._sitters: dict[str, Sitter] = {}
        self._fillers = [threading.Thread(target=self._fill, daemon=True) for _ in range(FILLERS)]

    def __enter__(self) -> Self:
        """Begin to fill."""
        for each in self._fillers:
            each.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Remove everything."""
        with self._news:
            self._ending = True
            self._news.notify_all()
        for each in self._fillers:
            each.join()
        self.empty()
        for lent, _ in list(self._leases.values()):
            lent.kill()
        for sitter in self._sitters.values():
            sitter.__exit__(None, None, None)

    @contextlib.contextmanager
    def joined(self, *, eager: bool) -> Iterator[None]:
        """Note what a command at work asks for: it is what the next one will find."""
        with self._news:
            if not self._joined:
                self._asked.clear()
            self._joined += 1
            self._eager += eager
            self._news.notify_all()
        try:
            yield
        finally:
            with self._news:
                self._joined -= 1
                self._eager -= eager
                if not self._joined:
                    self._remember()
                self._news.notify_all()

    def _remember(self) -> None:
        for need, number in self._asked.items():
            self._targets[need] = min(number, self._size)
            self._targets.move_to_end(need)
        while len(self._targets) > REMEMBERED:
            self._targets.popitem(last=False)

    def take(self, need: Need) -> "Container | None":
        """Return one that fits and still lives, or None; either way it counts as asked for."""
        with self._news:
            self._asked[need] += 1
            if self._eager:
                self._targets[need] = min(max(self._targets.get(need, 0), FILLERS), self._size)
                self._targets.move_to_end(need)
                self._news.notify_all()
            shelf = self._waiting.get(need)
            while shelf:
                box = shelf.popleft()
                self._weights.pop(box.id, None)
                if box.is_there():
                    return box
                _bury(box)
        return None

    @contextlib.contextmanager
    def leased(self, box: "Container", labels: Mapping[str, str]) -> Iterator[None]:
        """Lend a container out; it is removed at the end, whoever ends it."""
        with self._news:
            self._leases[box.id] = (box, labels)
        try:
            yield
        finally:
            with self._news:
                self._leases.pop(box.id, None)
            _bury(box)

    def clear(self, label: str, value: str) -> int:
        """Remove the lent containers whose labels say so; return how many."""
        with self._news:
            found = [box for box, labels in self._leases.values() if labels.get(label) == value]
        for box in found:
            _bury(box)
        return len(found)

    def empty(self) -> int:
        """Remove all that waits, and forget what to keep ready; return how many it were."""
        with self._news:
            found = [box for shelf in self._waiting.values() for box in shelf]
            self._waiting.clear()
            self._weights.clear()
            self._targets.clear()
        for box in found:
            _bury(box)
        return len(found)

    def state(self) -> dict[str, object]:
        """Return what waits and what is lent, with memory in megabytes."""
        with self._news:
            return {
                "waiting": sum(map(len, self._waiting.values())),
                "ids": [box.id for shelf in self._waiting.values() for box in shelf],
                "making": self._making.total(),
                "wanted": sum(self._targets.values()),
                "lent": len(self._leases),
                "memory_mb": [round(each, 1) for each in self._weights.values()],
            }

    def _fill(self) -> None:
        looked = time.monotonic()
        while True:
            with self._news:
                if self._ending:
                    return
                need = self._missing()
                if need is None:
                    self._news.wait(LOOK_SECONDS)
                else:
                    self._making[need] += 1
            if need is not None:
                self._add(need)
            if time.monotonic() - looked > LOOK_SECONDS:
                looked = time.monotonic()
                self._drop_the_dead()

    def _missing(self) -> Need | None:
        if self._joined and not self._eager:
            return None
        count = sum(map(len, self._waiting.values())) + self._making.total()
        heaviest = max(self._weights.values(), default=0)
        room = sum(self._weights.values()) + heaviest * (1 + self._making.total())
        for need, target in reversed(self._targets.items()):
            have = len(self._waiting.get(need, ())) + self._making[need]
            if have >= target:
                continue
            if count < self._size and room <= self._memory_mb:
                return need
            self._make_room(need)
        return None

    def _make_room(self, wanted: Need) -> None:
        """Let go of one container of the need that was asked for longest ago, if any is older."""
        for need in self._targets:
            if need == wanted:
                return
            if shelf := self._waiting.get(need):
                self._targets[need] = len(shelf) - 1
                box = shelf.popleft()
                self._weights.pop(box.id, None)
                threading.Thread(target=_bury, args=(box,), daemon=True).start()
                return

    def _add(self, need: Need) -> None:
        box, weight = None, 0.0
        try:
            box = self._sandbox(need).start_waiting(
                need.limits(), labels={OWNER_LABEL: owner.current().label()}
            )
            weight = box.usage().memory_mb or 0
        except LabrunError as error:
            note(f"a container could not be started ahead: {error}")
            if box:
                _bury(box)
            box = None
        with self._news:
            self._making[need] -= 1
            if box and not self._ending and need in self._targets:
                self._waiting.setdefault(need, collections.deque()).append(box)
                self._weights[box.id] = weight
                return
        if box:
            _bury(box)
        else:
            with self._news:
                self._targets.pop(need, None)  # until a command asks again
                self._news.wait(PAUSE_SECONDS)

    def _sandbox(self, need: Need) -> "DockerSandbox":
        from labrun.sandbox.backends.docker import DockerSandbox  # noqa: PLC0415  (slow to import)
        from labrun.sandbox.sitter import Sitter  # noqa: PLC0415  (needed once there is a container)

        key = (need.engine, need.image, need.runtime)
        with self._news:
            if need.engine not in self._sitters:
                self._sitters[need.engine] = Sitter(need.engine, owner.current().label())
            if key not in self._sandboxes:
                self._sandboxes[key] = DockerSandbox(
                    image=need.image, engine=need.engine, transport="unix", runtime=need.runtime
                )
            return self._sandboxes[key]

    def _drop_the_dead(self) -> None:
        with self._news:
            dead = []
            for shelf in self._waiting.values():
                gone = [box for box in shelf if not box.is_there()]
                for box in gone:
                    shelf.remove(box)
                    self._weights.pop(box.id, None)
                dead += gone
        for box in dead:
            _bury(box)


def note(text: str) -> None:
    """Write a line to the keeper's log, which is its standard error."""
    sys.stderr.write(f"{time.strftime('%F %T')} {text}\n")
    sys.stderr.flush()


def _bury(box: "Container") -> None:
    try:
        box.kill()
    except LabrunError as error:
        note(f"a container could not be removed: {error}")
