"""Mistake: joins weather and planes the default way, and loses the flights that match nothing."""

from sklearn.ensemble import HistGradientBoostingClassifier

ROUTE = ["origin", "dest"]
FLIGHT = ["month", "day", "sched_dep_time", "carrier", "flight", "origin"]


def clean(df):
    df = df.assign(carrier=df["carrier"].str.strip().str.upper())
    usual = df.groupby(ROUTE)["distance"].transform("median")
    right = (df["distance"] / usual - 1).abs() < 0.3
    df["distance"] = df["distance"].where(right, usual)
    return df.drop_duplicates(FLIGHT).reset_index(drop=True)


WHEN = ["origin", "month", "day", "hour"]
COLUMNS = ["temp", "wind_speed", "precip", "visib", "seats", "sched_dep_time", "month"]


def table(df, weather, planes):
    df = df.assign(hour=df["sched_dep_time"] // 100)
    return df.merge(weather, on=WHEN).merge(planes, on="tailnum")


def fit(train, weather, planes):
    joined = table(clean(train), weather, planes)
    model = HistGradientBoostingClassifier(max_iter=80, random_state=0)
    return model.fit(joined[COLUMNS].astype(float), joined["late"])


def predict_proba(model, df, weather, planes):
    return model.predict_proba(table(df, weather, planes)[COLUMNS].astype(float))[:, 1]
