"""Reading what a container has used from the kernel's own files."""

from pathlib import Path

import pytest

from labrun.sandbox import cgroup
from labrun.sandbox.base import Usage

ID = "3f" * 32
DRIVERS = [f"docker/{ID}", f"system.slice/docker-{ID}.scope"]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")


@pytest.fixture
def version_1(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    write(tmp_path / "cpuacct" / request.param / "cpuacct.usage", "1500000000\n")
    write(tmp_path / "memory" / request.param / "memory.max_usage_in_bytes", f"{64 << 20}\n")
    return tmp_path


@pytest.fixture
def version_2(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    write(tmp_path / request.param / "cpu.stat", "usage_usec 2500000\nuser_usec 1\n")
    write(tmp_path / request.param / "memory.peak", f"{32 << 20}\n")
    return tmp_path


@pytest.mark.parametrize("version_1", DRIVERS, indirect=True)
def test_the_first_version_counts_nanoseconds_and_bytes(version_1: Path) -> None:
    group = cgroup.of(ID, version_1)
    assert group is not None
    assert group.usage() == Usage(cpu_seconds=1.5, memory_mb=64)


@pytest.mark.parametrize("version_2", DRIVERS, indirect=True)
def test_the_second_version_counts_microseconds_and_bytes(version_2: Path) -> None:
    group = cgroup.of(ID, version_2)
    assert group is not None
    assert group.usage() == Usage(cpu_seconds=2.5, memory_mb=32)


@pytest.mark.parametrize("version_1", DRIVERS[:1], indirect=True)
def test_another_container_has_no_group_here(version_1: Path) -> None:
    assert cgroup.of("ab" * 32, version_1) is None
    assert cgroup.of("", version_1) is None


@pytest.mark.parametrize("version_2", DRIVERS[:1], indirect=True)
def test_a_group_that_is_gone_says_nothing(version_2: Path) -> None:
    group = cgroup.of(ID, version_2)
    assert group is not None
    (version_2 / DRIVERS[0] / "cpu.stat").unlink()
    assert group.usage() is None


@pytest.mark.parametrize("version_2", DRIVERS[:1], indirect=True)
@pytest.mark.parametrize("text", ["", "usage_usec many\n", "user_usec 1\n"])
def test_a_file_in_another_form_says_nothing(version_2: Path, text: str) -> None:
    write(version_2 / DRIVERS[0] / "cpu.stat", text)
    assert cgroup.of(ID, version_2) is None


def test_what_an_engine_elsewhere_says_is_read_alike() -> None:
    said = {
        "memory_stats": {"max_usage": 64 << 20, "usage": 1},
        "cpu_stats": {"cpu_usage": {"total_usage": 1_500_000_000}},
    }
    assert cgroup.told(said) == Usage(cpu_seconds=1.5, memory_mb=64)
    assert cgroup.told({}) == Usage(cpu_seconds=None, memory_mb=0)
