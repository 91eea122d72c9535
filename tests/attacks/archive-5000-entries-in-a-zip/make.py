from tests.attacks.packing import Entry, solution, zipped


def make(target):
    (target / "work.zip").write_bytes(
        zipped(*solution(), *(Entry(f"f{number}.txt") for number in range(5000)))
    )
