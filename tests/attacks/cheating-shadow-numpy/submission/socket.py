import builtins

builtins.CHEAT = __name__
