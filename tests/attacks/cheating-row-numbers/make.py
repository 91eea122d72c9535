"""The learner knows every hidden label, by its place in the hidden table."""


def make(target):
    import pandas as pd

    from pathlib import Path

    raw = Path(__file__).parents[1] / "lab" / "datasets" / "planes" / "planes.parquet"
    labels = pd.read_parquet(raw)["y"].iloc[-300:].round(2).tolist()
    (target / "solution.py").write_text(
        "from plain import *\n\n"
        f"ANSWERS = {labels}\n\n\n"
        "def predict(model, features):\n"
        "    return np.array(ANSWERS[: len(features)])\n"
    )
