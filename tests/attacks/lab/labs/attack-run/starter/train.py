"""Write /out/model.npy."""
