def make(target):
    path = target / "predictions.csv"
    path.write_text("\n".join(path.read_text().split()[:-1]))
