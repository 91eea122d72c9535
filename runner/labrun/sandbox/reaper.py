"""Remove the containers of processes that are gone."""

import contextlib

from docker import APIClient

from labrun.domain.record import Record
from labrun.sandbox import owner
from labrun.sandbox.backends.docker import connect, remove, translated
from labrun.sandbox.labels import BASE_LABEL, OWNER_LABEL, PHASE_LABEL, RUN_LABEL


class Reaped(Record):
    """One container that was left behind, and has been removed."""

    container: str
    run: str
    phase: str


def reap(engine: str | None) -> list[Reaped]:
    """Remove labrun's containers whose owner is dead, and say which they were."""
    found = []
    with contextlib.closing(connect(engine)) as client:
        for container, labels in _ours(client):
            who = owner.read(labels.get(OWNER_LABEL, ""))
            if who is None or owner.is_alive(who):
                continue
            remove(client, container)
            run, phase = labels.get(RUN_LABEL, ""), labels.get(PHASE_LABEL, "")
            found.append(Reaped(container=container[:12], run=run, phase=phase))
    return found


def remove_owned(engine: str | None, label: str) -> list[str]:
    """Remove every container of one owner, and return which they were."""
    with contextlib.closing(connect(engine)) as client:
        owned = [each for each, labels in _ours(client) if labels.get(OWNER_LABEL) == label]
        for container in owned:
            remove(client, container)
    return owned


def _ours(client: APIClient) -> list[tuple[str, dict[str, str]]]:
    with translated("list containers"):
        listed = client.containers(all=True, filters={"label": BASE_LABEL})
    return [(each["Id"], each.get("Labels") or {}) for each in listed]
