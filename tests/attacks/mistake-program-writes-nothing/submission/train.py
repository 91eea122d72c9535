import plain

plain.train()
