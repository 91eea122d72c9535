import json
import re
import sys
from pathlib import Path

import pytest

from labrun.domain.lab import Limits
from labrun.sandbox import seccomp, settings

PLAN = settings.Plan(
    image="sha256:1",
    limits=Limits(memory_mb=512, cpus=1.5, pids=40, output_mb=8),
    uid=234_567,
    socket_folder="/tmp/labrun-x",
    seccomp=seccomp.as_option(loopback=False),
    labels={"labrun.sandbox": "1"},
)
HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")


def test_every_wall_is_in_the_settings() -> None:
    host = settings.host_config(PLAN)
    assert host["read_only"] is True
    assert host["network_mode"] == "none"
    assert host["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in host["security_opt"]
    assert host["mem_limit"] == host["memswap_limit"] == 512 << 20
    assert host["pids_limit"] == 40
    assert host["nano_cpus"] == 1_500_000_000
    assert host["ipc_mode"] == host["cgroupns"] == "private"
    assert host["log_config"] == {"Type": "none"}
    assert host["binds"] == ["/tmp/labrun-x:/run/labrun:ro"]
    for options in host["tmpfs"].values():
        assert {"nosuid", "nodev", "noexec"} <= set(options.split(","))
        assert re.search(r"size=\d+m,nr_inodes=\d+", options)


def test_a_container_is_told_nothing_it_need_not_know() -> None:
    config = settings.container_config(PLAN)
    assert config["user"] == "234567:234567"
    assert set(config["environment"]) == {
        *settings.THREADS, "HOME", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "LABRUN_SOCKET",
    }  # fmt: skip
    assert config["environment"]["OMP_NUM_THREADS"] == "2"


def test_without_a_socket_nothing_of_the_host_is_mounted() -> None:
    plan = PLAN.model_copy(update={"socket_folder": None})
    assert settings.host_config(plan)["binds"] == []
    assert settings.container_config(plan)["stdin_open"] is True


@pytest.mark.parametrize(
    "name",
    ["io_uring_setup", "keyctl", "bpf", "ptrace", "unshare", "mount", "userfaultfd", "clone3"],
)
def test_dangerous_calls_are_not_on_the_list(name: str) -> None:
    rules = seccomp.profile(loopback=False)["syscalls"]
    allowed = {n for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for n in rule["names"]}
    assert name not in allowed
    assert {"read", "write", "futex", "mmap"} <= allowed


def test_sockets_are_local_unless_the_lab_asks_for_loopback() -> None:
    def families(*, loopback: bool) -> list[int]:
        rules = seccomp.profile(loopback=loopback)["syscalls"]
        return [rule["args"][0]["value"] for rule in rules if "socket" in rule["names"]]

    assert families(loopback=False) == [seccomp.AF_UNIX]
    assert families(loopback=True) == [seccomp.AF_UNIX, seccomp.AF_INET, seccomp.AF_INET6]
    assert json.loads(seccomp.as_option(loopback=True)) == seccomp.profile(loopback=True)


@pytest.mark.skipif(not HEADER.exists(), reason="this machine has no kernel header to compare with")
def test_every_denied_call_is_one_the_kernel_knows_or_knew() -> None:
    known = set(re.findall(r"#define __NR_(\w+)\s", HEADER.read_text()))
    assert set(seccomp.known()) <= known
    assert len(seccomp.DENIED & known) > 70
    assert sys.platform == "linux"
