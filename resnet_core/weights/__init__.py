"""Trained weights: cards, the catalogue, the cache, downloads and imports."""
