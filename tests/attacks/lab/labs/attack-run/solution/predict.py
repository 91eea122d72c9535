import plain

plain.write(plain.predictions())
