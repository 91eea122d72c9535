import plain

plain.save(plain.train())
open(b"/out/" + b"\xff\xfe", "w").close()
