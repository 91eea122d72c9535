import plain
from plain import *


def fit(train):
    model = plain.fit(train)
    train.drop(train.index, inplace=True)
    return model


def predict(model, features):
    values = plain.predict(model, features)
    features.drop(features.index, inplace=True)
    return values
