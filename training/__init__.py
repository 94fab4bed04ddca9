"""Builds Medulla's classifier from labelled crops: `python3 -m training.train` (see README.md here)."""
