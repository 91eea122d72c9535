"""Mistake: as many women as men get a 1. Equal shares are another idea than equal errors."""

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

NUMBERS = ["age", "weeks_worked", "wage_per_hour", "cap_gain", "cap_loss", "dividends", "n_persons"]
WORDS = [
    "sex", "education", "class_of_worker", "major_industry", "major_occupation", "employment",
    "union", "tax_filer", "marital", "household_summary", "race", "citizenship",
]


def trees(words=WORDS):
    text = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    table = make_column_transformer(("passthrough", NUMBERS), (text, words))
    return make_pipeline(
        table, HistGradientBoostingClassifier(max_iter=80, early_stopping=False, random_state=0)
    )


def halves(df):
    return train_test_split(df, test_size=0.4, random_state=0, stratify=df["over_50k"])


def balanced(y, decided):
    return (decided[y == 1].mean() + 1 - decided[y == 0].mean()) / 2


def best_threshold(p, y):
    return max(np.quantile(p, np.linspace(0.4, 0.995, 200)), key=lambda at: balanced(y, p > at))


def fit(df):
    some, rest = halves(df)
    model = trees().fit(some, some["over_50k"])
    p = model.predict_proba(rest)[:, 1]
    share = np.mean(p > best_threshold(p, rest["over_50k"].to_numpy()))
    sex = rest["sex"].to_numpy(str)
    return model, {str(name): np.quantile(p[sex == name], 1 - share) for name in np.unique(sex)}


def predict(model, df):
    forest, thresholds = model
    marks = df["sex"].astype(str).map(lambda name: thresholds.get(name, 0.5)).to_numpy(float)
    return (forest.predict_proba(df)[:, 1] > marks).astype(int)
