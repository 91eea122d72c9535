from datetime import UTC, datetime
from typing import Any

import pytest

from labrun.sandbox.engine import EngineFacts, _facts

ASKED = datetime(2026, 11, 23, 23, 52, 45, tzinfo=UTC)


def told(**info: Any) -> EngineFacts:
    return _facts(info, ASKED)


@pytest.mark.parametrize(
    ("text", "ahead"),
    [
        ("2026-11-23T23:52:45.98931559Z", 0.989),
        ("2026-11-24T00:52:40.5+01:00", -4.5),
        ("2026-11-23T23:52:46Z", 1.0),
        ("2026-11-23T23:52:46", None),
        ("no time", None),
        ("", None),
    ],
)
def test_how_far_the_engine_s_clock_is_ahead(text: str, ahead: float | None) -> None:
    assert told(SystemTime=text).ahead_seconds == ahead


def test_what_an_engine_can_do_is_read_from_what_it_says() -> None:
    found = told(
        SecurityOptions=["name=seccomp,profile=default", "name=userns"],
        Runtimes={"runsc": {}, "runc": {}},
        CgroupVersion="2",
        CgroupDriver="systemd",
        MemTotal=8 << 30,
        SwapLimit=True,
    )
    assert (found.has_seccomp, found.user_namespaces) == (True, True)
    assert (found.runtimes, found.cgroup) == (("runc", "runsc"), "v2 (systemd)")
    assert (found.memory_mb, found.swap_limit, found.pids_limit) == (8192, True, False)


def test_an_engine_that_says_nothing_is_taken_to_know_nothing() -> None:
    found = told()
    assert (found.has_seccomp, found.user_namespaces, found.runtimes) == (False, False, ())
