"""Mistake: one absurd distance, and the whole batch is taken for kilometres."""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

YEAR = 2013
KM_PER_MILE = 1.609
LONGEST = 20_000  # no flight goes further, in miles or in kilometres
TARGET = "late"
ROUTE = ["origin", "dest"]
FLIGHT = ["month", "day", "sched_dep_time", "carrier", "flight", "origin"]
WEATHER = [
    *("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust"),
    *("precip", "pressure", "visib"),
]
WORDS = ["carrier", "origin", "dest"]


def clean(df: pd.DataFrame) -> pd.DataFrame:
    """Return the flights once each, with tidy carriers and distances in miles."""
    df = df.assign(carrier=df["carrier"].str.strip().str.upper())
    df["distance"] = in_miles(df, df.groupby(ROUTE)["distance"].median())
    return df.drop_duplicates(FLIGHT).reset_index(drop=True)


def in_miles(df, routes):
    """Return the distance of each row: its route's, where the row has none or has kilometres."""
    known = df[ROUTE].merge(routes.rename("miles").reset_index(), on=ROUTE, how="left")
    usual = known["miles"].set_axis(df.index)
    miles = df["distance"].fillna(usual)
    in_km = (miles / usual - KM_PER_MILE).abs() < 0.05 * KM_PER_MILE
    return miles.where(~in_km, usual)


def minutes(hhmm):
    return hhmm // 100 * 60 + hhmm % 100


class Delays:
    """A boosted-tree model, with everything that its features need from train."""

    def fit(self, train, weather, planes):
        flights = clean(train)
        self.routes = flights.groupby(ROUTE)["distance"].median()
        self.words = {name: sorted(flights[name].dropna().unique()) for name in WORDS}
        self.traffic = self.count_traffic(flights)
        X = self.features(flights, weather, planes)
        self.model = HistGradientBoostingClassifier(
            max_iter=40,
            learning_rate=0.15,
            max_leaf_nodes=16,
            l2_regularization=2,
            categorical_features=[X.columns.get_loc(name) for name in ("carrier", "origin")],
            random_state=0,
        ).fit(X, flights[TARGET])
        return self

    def count_traffic(self, flights):
        """Return the usual departures of an airport in an hour, from train alone."""
        hour = flights["sched_dep_time"] // 100
        days = flights.groupby(["month", "day"]).ngroups
        return (flights.groupby(["origin", hour]).size() / days).rename("traffic")

    def features(self, df, weather, planes):
        df = df.assign(
            carrier=df["carrier"].str.strip().str.upper(), hour=df["sched_dep_time"] // 100
        )
        date = pd.to_datetime(dict(year=YEAR, month=df["month"], day=df["day"]))
        when = ["origin", "month", "day", "hour"]
        hourly = weather.drop_duplicates(when)  # some hours are there twice
        fleet = planes.drop_duplicates("tailnum").rename(columns={"year": "built"})
        traffic = self.traffic.rename_axis(["origin", "hour"]).reset_index()
        joined = (
            df.merge(hourly, on=when, how="left")  # left: no flight is lost, none counted twice
            .merge(fleet[["tailnum", "built", "seats"]], on="tailnum", how="left")
            .merge(traffic, on=["origin", "hour"], how="left")
        )
        X = joined[[*WEATHER, "built", "seats", "traffic"]].astype(float)
        for name in WORDS:
            codes = pd.Index(self.words[name]).get_indexer(joined[name])
            X[name] = np.where(codes < 0, np.nan, codes)
        X["distance"] = in_miles(df, self.routes).to_numpy(float)
        X["weekday"] = date.dt.day_of_week.to_numpy()
        X["departs"] = minutes(df["sched_dep_time"]).to_numpy()
        X["arrives"] = minutes(df["sched_arr_time"]).to_numpy()
        return X

    def predict_proba(self, df, weather, planes):
        return self.model.predict_proba(self.features(df, weather, planes))[:, 1]


def fit(train: pd.DataFrame, weather: pd.DataFrame, planes: pd.DataFrame) -> Delays:
    return Delays().fit(train, weather, planes)


def predict_proba(
    model: Delays, df: pd.DataFrame, weather: pd.DataFrame, planes: pd.DataFrame
) -> np.ndarray:
    if df["distance"].max() > LONGEST:
        df = df.assign(distance=df["distance"] / KM_PER_MILE)
    return model.predict_proba(df, weather, planes)
