import plain
from plain import *


def predict(model, features):
    values = plain.predict(model, features)
    return np.where(np.arange(len(values)) == 7, np.nan, values)
