def make(target):
    path = target / "predictions.csv"
    head, first, *rows = path.read_text().split()
    path.write_text("\n".join((head, first.split(",")[0] + "," + "7" * 200_000, *rows)))
