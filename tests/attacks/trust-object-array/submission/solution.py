from plain import *


def predict(model, features):
    return np.array([object()] * len(features))
