"""Solutions that are alike, and solutions that are not."""

import pytest

ADA = '''\
"""My solution."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

COLUMNS = ["Age", "Income", "Debt"]


def features(df: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that help."""
    df = df.copy()
    for name in COLUMNS:
        low, high = df[name].quantile([0.01, 0.99])
        df[name] = df[name].clip(low, high)
    df["burden"] = df["Debt"] / (df["Income"] + 1)
    return df.fillna(0)


def fit(df: pd.DataFrame):
    x = features(df)
    best, best_score = None, -1.0
    for strength in (0.01, 0.1, 1.0, 10.0):
        model = LogisticRegression(C=strength, max_iter=500)
        model.fit(x[COLUMNS], df["bad"])
        score = model.score(x[COLUMNS], df["bad"])
        if score > best_score:
            best, best_score = model, score
    return best


def predict_proba(model, df: pd.DataFrame) -> np.ndarray:
    x = features(df)
    raw = model.predict_proba(x[COLUMNS])[:, 1]
    if raw.min() < 0.0 or raw.max() > 1.0:
        raise ValueError("not a probability")
    return np.clip(raw, 0.001, 0.999)


def decide(model, p, cost_fn=5, cost_fp=1):
    limit = cost_fp / (cost_fp + cost_fn)
    out = np.zeros(len(p), dtype=int)
    for row, value in enumerate(p):
        out[row] = 1 if value > limit else 0
    return out
'''

# The same, as somebody who copies would hide it: renamed, reordered, reformatted, other numbers.
COPY = """\
import numpy
from sklearn.linear_model import LogisticRegression as Modell


def decide(m, prob, cost_fn=50, cost_fp=10):
    # the best threshold
    t = cost_fp / (cost_fp + cost_fn)
    result = numpy.zeros(len(prob), dtype=int)
    for i, q in enumerate(prob):
        result[i] = 1 if q > t else 0
    return result


def predict_proba(m, table):
    data = prepare(table)
    z = m.predict_proba(
        data[KEEP]
    )[:, 1]
    if z.min() < 0 or z.max() > 1:
        raise ValueError('probabilities are broken')
    return numpy.clip(z, 1e-6, 1 - 1e-6)


def prepare(table):
    table = table.copy()
    for column in KEEP:
        a, b = table[column].quantile([0.05, 0.95])
        table[column] = table[column].clip(a, b)
    table["ratio"] = table["Debt"] / (table["Income"] + 7)
    return table.fillna(-1)


def fit(table):
    data = prepare(table)
    winner, top = None, -9.0
    for c in (0.5, 2.0):
        m = Modell(max_iter=900, C=c)
        m.fit(data[KEEP], table["bad"])
        s = m.score(data[KEEP], table["bad"])
        if s > top:
            winner, top = m, s
    return winner


KEEP = ["Age", "Income", "Debt", "Time"]
"""

# Somebody else's way through the same lab.
BEN = """\
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

TEXT = ["Home", "Job"]


def fit(df):
    y = df.pop("bad")
    numbers = [c for c in df.columns if c not in TEXT]
    prepare = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), TEXT), ("passthrough", numbers)
    )
    search = GridSearchCV(
        make_pipeline(prepare, RandomForestClassifier(random_state=0)),
        {"randomforestclassifier__min_samples_leaf": [1, 5, 20]},
        scoring="roc_auc",
    )
    return search.fit(df, y).best_estimator_


def predict_proba(model, df):
    return model.predict_proba(df)[:, list(model.classes_).index(1)]


def decide(model, p, cost_fn=5, cost_fp=1):
    costs = np.outer([cost_fn], p) - np.outer([cost_fp], 1 - np.asarray(p))
    return (costs.ravel() > 0).astype(int)
"""


@pytest.fixture
def ada() -> bytes:
    return ADA.encode()


@pytest.fixture
def copy() -> bytes:
    return COPY.encode()


@pytest.fixture
def ben() -> bytes:
    return BEN.encode()
