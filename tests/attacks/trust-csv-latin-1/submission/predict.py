with open("/out/predictions.csv", "wb") as file:
    file.write(b"pr\xe9diction\n" + b"1.0\n" * 300)
