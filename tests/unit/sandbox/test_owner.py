import subprocess
import sys

from labrun.sandbox import owner


def test_this_process_is_alive_and_survives_its_label() -> None:
    me = owner.current()
    assert owner.is_alive(me)
    assert owner.read(me.label()) == me


def test_a_later_process_with_the_same_number_is_another() -> None:
    assert not owner.is_alive(owner.current().model_copy(update={"started": "before"}))


def test_a_process_that_ended_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        alive = owner.Owner(host=owner.current().host, pid=child.pid, started="?")
    assert not owner.is_alive(alive)


def test_a_process_of_another_host_is_left_alone() -> None:
    assert owner.is_alive(owner.Owner(host="elsewhere", pid=1, started="x"))


def test_a_foreign_label_names_nobody() -> None:
    assert owner.read("") is None
    assert owner.read("a|b|c") is None
