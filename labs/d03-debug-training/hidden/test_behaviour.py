"""Would the model survive outside the lab: one row at a time, other columns, fewer letters?"""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=30)


@pytest.fixture
def letters(table, rng):
    return table("train").sample(1200, random_state=int(rng.integers(1 << 31)))


@pytest.mark.points(4, hint="a row predicted alone must get the letter it gets among others")
def test_one_row_alone_gets_the_same_letter(solution, letters, table):
    model = solution.fit(letters.reset_index(drop=True), epochs=2, seed=3)
    features = table("features").head(50)
    together = np.asarray(solution.predict(model, features))
    alone = [
        str(np.asarray(solution.predict(model, features.iloc[[row]].reset_index(drop=True)))[0])
        for row in range(20)
    ]
    assert alone == together[:20].tolist()


@pytest.mark.points(3, hint="trained on some letters only, predict must answer none but those")
def test_letters_come_from_the_training_table(solution, letters, rng):
    chosen = set(rng.permutation(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))[:7].tolist())
    train = letters[letters["letter"].isin(chosen)].reset_index(drop=True)
    rest = letters[~letters["letter"].isin(chosen)].drop(columns="letter").head(100)
    model = solution.fit(train, epochs=2, seed=1)
    found = np.asarray(solution.predict(model, rest.reset_index(drop=True)))
    assert set(found.tolist()) <= chosen
