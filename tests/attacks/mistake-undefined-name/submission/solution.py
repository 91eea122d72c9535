from plain import *


def fit(train):
    return pd.DataFrame(train)
