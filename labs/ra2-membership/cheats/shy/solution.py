"""Mistake: privacy by learning little. A straight line a letter gives nothing away, and reads badly."""

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def fit(train):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=100))
    return model.fit(train.drop(columns="letter"), train["letter"].to_numpy(str))


def predict_proba(model, df):
    return model.predict_proba(df)


def predict(model, df):
    return model.predict(df)
