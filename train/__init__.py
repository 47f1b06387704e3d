"""Define, train and export the networks that riffle runs. See train/README.md."""
