"""Is it one model, and does it learn from what it is given? Rows differ from run to run."""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=40)


def drawn(table, rng, size):
    rows = table("train").sample(frac=1, random_state=int(rng.integers(1 << 31)))
    return rows.iloc[:size].reset_index(drop=True), rows.iloc[size:].reset_index(drop=True)


@pytest.mark.points(10, hint="predict must say the letter that predict_proba says is most probable")
def test_letters_and_probabilities_come_from_one_model(solution, table, rng):
    train, rest = drawn(table, rng, 2000)
    model = solution.fit(train)
    names = np.unique(train["letter"].to_numpy(str))
    for rows in (train.head(300), rest.head(300)):
        rows = rows.drop(columns="letter")
        rows = rows + rng.uniform(-0.5, 0.5, rows.shape)
        said = np.asarray(solution.predict(model, rows))
        likely = names[np.asarray(solution.predict_proba(model, rows)).argmax(axis=1)]
        assert np.mean(said == likely) > 0.98  # two letters may be equally probable


@pytest.mark.points(5, hint="trained on some letters only, the model must answer none but those")
def test_letters_come_from_the_training_table(solution, table, rng):
    chosen = sorted(rng.permutation(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))[:7].tolist())
    train, rest = drawn(table, rng, 4000)
    train = train[train["letter"].isin(chosen)].reset_index(drop=True)
    model, rows = solution.fit(train), rest.drop(columns="letter").head(100)
    assert np.asarray(solution.predict_proba(model, rows)).shape == (100, 7)
    assert set(np.asarray(solution.predict(model, rows)).tolist()) <= set(chosen)


@pytest.mark.points(5, hint="with half of the rows of train, letters must still be read well")
def test_the_model_reads_rows_it_has_not_seen(solution, table, rng):
    train, rest = drawn(table, rng, 2500)
    found = np.asarray(solution.predict(solution.fit(train), rest.drop(columns="letter")))
    assert np.mean(found == rest["letter"].to_numpy(str)) > 0.55  # of these labels 15 % are wrong
