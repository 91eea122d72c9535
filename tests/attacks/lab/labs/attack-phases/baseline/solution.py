from plain import *


def fit(train):
    return float(train["y"].mean())


def predict(model, features):
    return np.full(len(features), model)
