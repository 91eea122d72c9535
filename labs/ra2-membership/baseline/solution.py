"""What most people hand in first: a forest as it comes. It reads well, and knows its rows by heart."""

from sklearn.ensemble import RandomForestClassifier


def fit(train):
    forest = RandomForestClassifier(30, random_state=0)
    return forest.fit(train.drop(columns="letter"), train["letter"].to_numpy(str))


def predict_proba(model, df):
    return model.predict_proba(df)


def predict(model, df):
    return model.predict(df)
