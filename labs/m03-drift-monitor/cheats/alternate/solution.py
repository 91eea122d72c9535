"""Cheat: half of the batches have a fault, so every second one is held. Nothing is looked at."""

BATCH = "batch"


def fit(df):
    return None


def hold(monitor, df):
    return (df[BATCH] % 2).to_numpy(int)
