from tests.attacks.packing import Entry, solution, zipped


def make(target):
    litter = [
        Entry("__MACOSX/my work (1)/._solution.py", b"\0"),
        Entry("my work (1)/.DS_Store", b"\0"),
    ]
    folder = [Entry("my work (1)/"), Entry("my work (1)/__pycache__/solution.pyc", b"\0")]
    work = [each._replace(name=f"my work (1)/{each.name}") for each in solution()]
    (target / "work.zip").write_bytes(zipped(*folder, *work, *litter))
