from tests.attacks.packing import Entry, solution, tar


def make(target):
    header = tar(Entry("@LongLink", b"/etc/cron.d/x\0", type=b"L"))[:1024]
    (target / "work.tar").write_bytes(header + tar(*solution()))
