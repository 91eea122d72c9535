import builtins

builtins.CHEAT = 'usercustomize'
