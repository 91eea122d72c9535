"""Mistake: hide how sure the model is, and only say its letter. What it knows by heart shows all the same."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier


def fit(train):
    forest = RandomForestClassifier(30, random_state=0)
    return forest.fit(train.drop(columns="letter"), train["letter"].to_numpy(str))


def predict_proba(model, df):
    said = model.predict_proba(df).argmax(axis=1)
    return np.eye(len(model.classes_))[said]


def predict(model, df):
    return model.classes_[predict_proba(model, df).argmax(axis=1)]
