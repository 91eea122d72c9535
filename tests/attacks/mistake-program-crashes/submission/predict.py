import plain

plain.write(plain.prediction())
