"""Mistake: leaves the records as they are, for trees can cope; the next user of them cannot."""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

WHEN = ["origin", "month", "day", "hour"]
WORDS = ["carrier", "origin", "dest"]
WEATHER = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]


def clean(df):
    return df.copy()


def table(df, weather, words):
    df = df.assign(hour=df["sched_dep_time"] // 100)
    joined = df.merge(weather.drop_duplicates(WHEN), on=WHEN, how="left")
    X = joined[[*WEATHER, "sched_dep_time", "sched_arr_time", "distance"]].astype(float)
    for name in WORDS:
        codes = pd.Index(words[name]).get_indexer(joined[name])
        X[name] = np.where(codes < 0, np.nan, codes)
    return X


def fit(train, weather, planes):
    words = {name: sorted(train[name].unique()) for name in WORDS}
    model = HistGradientBoostingClassifier(max_iter=150, random_state=0)
    return words, model.fit(table(train, weather, words), train["late"])


def predict_proba(model, df, weather, planes):
    words, forest = model
    return forest.predict_proba(table(df, weather, words))[:, 1]
