"""In which order labs are done: what a lab builds on comes before it."""

from collections.abc import Iterable, Mapping

Before = Mapping[str, tuple[str, ...]]


def in_order(before: Before) -> list[str]:
    """Return the labs, each after those it builds on, else by name.

    A prerequisite that is not a key is passed over; labs in a circle come last, by name.
    """
    done: list[str] = []
    left = sorted(before)
    while left:
        free = [lab for lab in left if not set(before[lab]) & set(left) - {lab}]
        if not free:
            return [*done, *left]
        done.append(free[0])
        left.remove(free[0])
    return done


def in_a_circle(before: Before) -> list[str]:
    """Return the labs that build on themselves, by way of others or not."""
    return sorted(lab for lab in before if lab in comes_first(lab, before))


def comes_first(lab: str, before: Before) -> list[str]:
    """Return every lab that ``lab`` builds on, however far back, in the order to do them in."""
    found: set[str] = set()
    waiting = list(before.get(lab, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += before.get(name, ())
    return in_order({name: before.get(name, ()) for name in found})


def not_yet(names: Iterable[str], passed: Iterable[str]) -> list[str]:
    """Return the labs of ``names`` that are not among those passed, in their order."""
    known = set(passed)
    return [name for name in names if name not in known]
