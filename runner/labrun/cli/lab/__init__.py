"""The commands of ``labrun lab``, one file each."""
