import plain

for number in range(200):
    open(f"/out/a{number}", "w").close()
plain.save(plain.train())
