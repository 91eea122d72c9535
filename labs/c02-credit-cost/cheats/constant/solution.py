"""Cheat: the same probability for everyone. It is perfectly calibrated and knows nothing."""

import numpy as np


def fit(df):
    return float(df["bad"].mean())


def predict_proba(model, df):
    return np.full(len(df), model)


def decide(model, p, cost_fn=5, cost_fp=1):
    p = np.asarray(p, float)
    return (p * cost_fn > (1 - p) * cost_fp).astype(int)
