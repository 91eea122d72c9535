import builtins

builtins.CHEAT = 'sitecustomize'
