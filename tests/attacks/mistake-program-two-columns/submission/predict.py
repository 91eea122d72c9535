import plain

with open("/out/predictions.csv", "w") as file:
    file.write("index,prediction\n" + "".join(f"{row},{value}\n" for row, value in enumerate(plain.predictions())))
