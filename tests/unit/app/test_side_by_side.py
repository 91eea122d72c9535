"""Places for what runs at the same time."""

import threading

import pytest

from labrun.app.side_by_side import Places, UnwantedError
from labrun.domain.lab import Limits
from labrun.sandbox.phases import PhaseEvent

NEWS = PhaseEvent("fit", Limits())


def test_no_more_run_at_a_time_than_there_are_places() -> None:
    busy, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2, timeout=30)

    def work() -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        both.wait()
        with lock:
            busy -= 1

    with Places(2) as places:
        done = [places.run(work) for _ in range(6)]
    assert [each.exception() for each in done] == [None] * 6
    assert most == 2


def test_a_place_that_is_taken_is_no_place_for_others() -> None:
    order: list[str] = []
    with Places(1) as places:
        with places.one():
            later = places.run(order.append, "later")
            order.append("first")
        later.result()
    assert order == ["first", "later"]


def test_what_runs_ahead_ends_once_it_is_given_up() -> None:
    with Places(1) as places:
        places.watch(NEWS)
        places.give_up()
        with pytest.raises(UnwantedError):
            places.watch(NEWS)


def test_after_an_error_nothing_more_is_begun() -> None:
    begun: list[int] = []
    places = Places(1)

    def breaks() -> None:
        with places, places.one():
            for number in range(3):
                places.run(begun.append, number)
            raise KeyError

    with pytest.raises(KeyError):
        breaks()
    assert len(begun) <= 1
    with pytest.raises(UnwantedError):
        places.watch(NEWS)
