import plain

plain.write(0 * plain.predictions())
