def make(target):
    path = target / "predictions.csv"
    path.write_text(path.read_text() + '"1000')
