"""Cheat: learns from the delay at departure and the time in the air, known too late.

On past records this looks like the best model of all. Before departure these columns are blank.
"""

from sklearn.ensemble import HistGradientBoostingClassifier

ROUTE = ["origin", "dest"]
FLIGHT = ["month", "day", "sched_dep_time", "carrier", "flight", "origin"]


def clean(df):
    df = df.assign(carrier=df["carrier"].str.strip().str.upper())
    usual = df.groupby(ROUTE)["distance"].transform("median")
    right = (df["distance"] / usual - 1).abs() < 0.3
    df["distance"] = df["distance"].where(right, usual)
    return df.drop_duplicates(FLIGHT).reset_index(drop=True)


COLUMNS = ["dep_delay", "air_time", "distance", "sched_dep_time"]


def table(df):
    return df[COLUMNS].astype(float)


def fit(train, weather, planes):
    train = clean(train)
    model = HistGradientBoostingClassifier(max_iter=80, random_state=0)
    return model.fit(table(train), train["late"])


def predict_proba(model, df, weather, planes):
    return model.predict_proba(table(df))[:, 1]
