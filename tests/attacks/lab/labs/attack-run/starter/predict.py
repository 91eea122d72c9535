"""Write /out/predictions.csv."""
