with open("/out/predictions.csv", "w") as file:
    file.write("prediction\n" + "1.0\n" * 3_000_000)
