"""A hundred points of a plane with noise, for predictions that are handed in as a table."""

from pathlib import Path


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write the questions, which are public, and their answers, which are not."""
    import pandas as pd

    plane = pd.read_csv(raw / "plane.csv")
    plane.drop(columns="y").to_csv(public / "questions.csv", index=False)
    plane[["y"]].to_csv(private / "truth_questions.csv", index=False)
