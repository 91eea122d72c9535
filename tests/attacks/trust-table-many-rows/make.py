def make(target):
    (target / "predictions.csv").write_text("id,y\n" + "1,1\n" * 240_000)
