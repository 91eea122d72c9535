import plain

plain.save(plain.train())
for name in (b"-rf", b"a\nb", "\u202egnp.exe".encode(), b" ", b"x" * 200):
    open(b"/out/" + name, "w").close()
