"""What most dashboards do: a population stability index per number, alarm above 0.2."""

import numpy as np

BATCH = "batch"
NUMBERS = ["hour", "distance", "air_time", "wind_speed", "pressure", "humid"]
MARK = 0.2


def shares(values, edges):
    values = values.dropna()
    return np.histogram(values, edges)[0] / max(len(values), 1) + 1e-4


def fit(df):
    model = {}
    for name in NUMBERS:
        edges = np.unique(np.quantile(df[name].dropna(), np.linspace(0, 1, 11)))
        edges[0], edges[-1] = -1e9, 1e9
        model[name] = edges, shares(df[name], edges)
    return model


def index(rows, name, model):
    edges, usual = model[name]
    now = shares(rows[name], edges)
    return ((usual - now) * np.log(usual / now)).sum()


def hold(monitor, df):
    verdicts = {
        name: max(index(rows, each, monitor) for each in NUMBERS) > MARK
        for name, rows in df.groupby(BATCH)
    }
    return df[BATCH].map(verdicts).to_numpy(int)
