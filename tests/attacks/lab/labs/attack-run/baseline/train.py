import plain

plain.save(plain.train())
