"""Lab r02-top-n: start here. This file runs, and earns little."""

import pandas as pd


def fit(df: pd.DataFrame):
    """Learn from packages with all of their tags: one column a tag, 1 where a package has it."""
    # This "model" is the names of the tags. Replace it by anything that pickle can save, for
    # example an object of a class that stands in this file.
    return list(df.columns)


def recommend(model, df: pd.DataFrame) -> list[str]:
    """Return for each row of df the names of ten tags, best first, with spaces between them."""
    return [" ".join(model[:10])] * len(df)
