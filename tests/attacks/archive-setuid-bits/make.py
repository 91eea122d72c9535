from tests.attacks.packing import Entry, solution, tgz


def make(target):
    more = b"import os\nif os.stat(__file__).st_mode & 0o7111: raise SystemExit('ESCAPED: kept its mode')\n"
    first, *others = solution()
    assert first.name == "plain.py"
    (target / "work.tar.gz").write_bytes(
        tgz(
            first._replace(mode=0o6755),
            *(each._replace(mode=0o7777, body=more + each.body) for each in others),
        )
    )
