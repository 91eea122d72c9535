"""The commands of ``labrun ci``, one file each."""
