def test_double():
    assert True


def test_rms():
    assert True
