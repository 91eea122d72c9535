"""What most people hand in first: logistic regression on the numbers, decided at one half."""

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

NUMBERS = ["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]


def fit(df):
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    return model.fit(df[NUMBERS], df["bad"])


def predict_proba(model, df):
    return model.predict_proba(df[NUMBERS])[:, 1]


def decide(model, p, cost_fn=5, cost_fp=1):
    return (np.asarray(p) > 0.5).astype(int)
