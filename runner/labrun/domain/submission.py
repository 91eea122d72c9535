"""What a learner hands in."""

import hashlib

from labrun.domain.record import Record, Slug


class Submission(Record):
    """The files of one submission, by relative POSIX path."""

    lab: Slug
    files: dict[str, bytes]

    @property
    def digest(self) -> str:
        """Return a SHA-256 that changes if any path or byte changes."""
        digest = hashlib.sha256()
        for path in sorted(self.files):
            body = self.files[path]
            digest.update(f"{path}\0{len(body)}\0".encode())
            digest.update(body)
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(len(body) for body in self.files.values())
