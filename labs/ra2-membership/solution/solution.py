"""Read letters with a model too smooth to learn single rows by heart."""

import numpy as np
import pandas as pd
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TARGET = "letter"
LANDMARKS = 400  # far fewer than rows: none of them has a feature of its own
WIDTH = 0.1
PENALTY = 5.0  # C of the regression; chosen by accuracy and attack on rows held out of train


def fit(train: pd.DataFrame):
    model = make_pipeline(
        StandardScaler(),
        Nystroem(gamma=WIDTH, n_components=LANDMARKS, random_state=0),
        LogisticRegression(C=PENALTY, max_iter=60, tol=1e-3),
    )
    return model.fit(train.drop(columns=TARGET).astype(float), train[TARGET].to_numpy(str))


def predict_proba(model, df: pd.DataFrame) -> np.ndarray:
    return model.predict_proba(df.astype(float))


def predict(model, df: pd.DataFrame) -> np.ndarray:
    return model.classes_[predict_proba(model, df).argmax(axis=1)]
