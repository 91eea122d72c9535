def fit(train):
    if True:
	return 1
