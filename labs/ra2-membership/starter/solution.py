"""Lab ra2-membership: start here. This file runs, and earns little."""

import numpy as np
import pandas as pd


def fit(train: pd.DataFrame):
    """Learn from 16 measurements and letter, of which about one in seven is wrong."""
    # This "model" is how often each letter occurs. Replace it by anything that pickle can save.
    return train["letter"].value_counts(normalize=True).sort_index()


def predict_proba(model, df: pd.DataFrame) -> np.ndarray:
    """Return (n, letters): for each row the probability of each letter of train, from A on."""
    return np.tile(model.to_numpy(), (len(df), 1))


def predict(model, df: pd.DataFrame) -> np.ndarray:
    """Return the most probable letter of each row."""
    return model.index.to_numpy(dtype=str)[predict_proba(model, df).argmax(axis=1)]
