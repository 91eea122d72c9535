import plain

with open("/out/predictions.csv", "w") as file:
    file.write("".join(f"{value}\n" for value in plain.predictions()))
