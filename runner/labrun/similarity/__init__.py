"""How alike submissions are: tokens, fingerprints and shared regions, all of it pure."""
