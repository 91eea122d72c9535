"""Keep evidence and submissions by digest, so that a grade can be worked out again."""

import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from labrun.domain.evidence import Evidence
from labrun.domain.record import Record
from labrun.domain.submission import Submission
from labrun.errors import StoreError
from labrun.store.blobs import Blobs, Pruned

EVIDENCE = "labrun/evidence/v1"
SUBMISSION = "labrun/submission/v1"
SCHEMA, BODY, FILES = "schema", "body", "files"
# What can be large is kept apart; by field, and how it turns into bytes and back.
APART: dict[str, tuple[Callable[[Any], bytes], Callable[[bytes], Any]]] = {
    "output": (bytes, bytes),
    "log": (lambda text: text.encode("utf-8"), lambda body: body.decode("utf-8")),
}
R = TypeVar("R", bound=Record)

TRAINERS_COPY = "trainer.json"  # beside the evidence of an exam: the result before its view is made


class EvidenceStore:
    """Manifests in JSON that name their parts; all are blobs, so all are checked when read.

    Every method raises `StoreError`: the disk is full or cannot be written, or a part is missing
    or damaged.
    """

    def __init__(self, root: Path) -> None:
        self._blobs = Blobs(root / "blobs")

    def keep(self, evidence: Evidence, files: Mapping[str, bytes]) -> str:
        """Keep evidence, with ``files`` beside it by name, and return its digest."""
        body = evidence.model_dump(mode="json", exclude={"phases", "units", "variants"})
        for part in ("phases", "units"):
            body[part] = [self._take_apart(each) for each in getattr(evidence, part)]
        body["variants"] = [
            each.model_dump(mode="json", exclude={"phases"})
            | {"phases": [self._take_apart(phase) for phase in each.phases]}
            for each in evidence.variants
        ]
        return self._keep_manifest(EVIDENCE, body, files)

    def load(self, digest: str) -> Evidence:
        """Return the evidence with this digest."""
        body = self._manifest(digest, EVIDENCE)[BODY]
        for part in ("phases", "units"):
            body[part] = [self._put_together(each) for each in body[part]]
        for variant in body.get("variants", ()):
            variant["phases"] = [self._put_together(each) for each in variant["phases"]]
        return self._record(Evidence, body, digest)

    def load_files(self, digest: str) -> dict[str, bytes]:
        """Return the files that were kept beside the evidence."""
        return self._files(self._manifest(digest, EVIDENCE))

    def keep_submission(self, submission: Submission) -> str:
        """Keep what a learner handed in and return a digest (not ``submission.digest``)."""
        return self._keep_manifest(SUBMISSION, {"lab": submission.lab}, submission.files)

    def load_submission(self, digest: str) -> Submission:
        """Return the submission with this digest."""
        manifest = self._manifest(digest, SUBMISSION)
        body = manifest[BODY] | {"files": self._files(manifest)}
        return self._record(Submission, body, digest)

    def prune(self, keep: AbstractSet[str], *, before: datetime) -> Pruned:
        """Remove what no manifest in ``keep`` refers to and was last kept before ``before``.

        Remove nothing if one of them cannot be read: its parts could not be told from waste.
        """
        wanted = set(keep)
        for digest in keep:
            wanted |= _parts(self._manifest(digest, EVIDENCE, SUBMISSION))
        return self._blobs.prune(wanted, before=before)

    def _keep_manifest(self, schema: str, body: Any, files: Mapping[str, bytes]) -> str:
        # Parts first, manifest last: a manifest that is there is whole.
        parts = {name: self._blobs.put(files[name]) for name in files}
        manifest = {SCHEMA: schema, BODY: body, FILES: parts}
        return self._blobs.put(json.dumps(manifest, sort_keys=True, indent=1).encode("ascii"))

    def _manifest(self, digest: str, *schemas: str) -> dict[str, Any]:
        try:
            manifest = json.loads(self._blobs.read(digest))
        except ValueError:
            manifest = None
        found = manifest.get(SCHEMA) if isinstance(manifest, dict) else None
        if not isinstance(manifest, dict) or found not in schemas:
            wanted = " or ".join(schemas)
            msg = f"{self._blobs.path(digest)} is not of {wanted}: its schema is {found!r}"
            raise StoreError(msg, help="another version of labrun may have written it")
        return manifest

    def _files(self, manifest: dict[str, Any]) -> dict[str, bytes]:
        return {name: self._blobs.read(digest) for name, digest in manifest[FILES].items()}

    def _take_apart(self, record: Record) -> dict[str, Any]:
        large = {name for name in APART if getattr(record, name, None) is not None}
        fields = record.model_dump(mode="json", exclude=large)
        for name in large:
            to_bytes, _ = APART[name]
            fields[name] = {"sha256": self._blobs.put(to_bytes(getattr(record, name)))}
        return fields

    def _put_together(self, fields: dict[str, Any]) -> dict[str, Any]:
        whole = dict(fields)
        for name in APART.keys() & fields.keys():
            if fields[name] is not None:
                _, from_bytes = APART[name]
                whole[name] = from_bytes(self._blobs.read(fields[name]["sha256"]))
        return whole

    def _record(self, kind: type[R], body: dict[str, Any], digest: str) -> R:
        try:
            return kind.model_validate(body)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            msg = f"{self._blobs.path(digest)} cannot be read: {where}: {error.errors()[0]['msg']}"
            raise StoreError(msg, help="another version of labrun may have written it") from error


def _parts(manifest: dict[str, Any]) -> set[str]:
    body = manifest[BODY]
    variants = [phase for each in body.get("variants", ()) for phase in each["phases"]]
    records = [*body.get("phases", ()), *body.get("units", ()), *variants]
    apart = {fields[name]["sha256"] for fields in records for name in APART if fields.get(name)}
    return apart | set(manifest[FILES].values())
