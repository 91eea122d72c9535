from plain import *


def fit(train):
    return train['price'].mean()
