from plain import fit, predict, rms, standardise, checked_sqrt, apply_twice, Tally
