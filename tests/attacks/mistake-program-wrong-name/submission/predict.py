import plain

plain.write(plain.predictions(), "/out/prediction.csv")
