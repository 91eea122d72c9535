with open("/out/predictions.csv", "wb") as file:
    file.write(b"")
