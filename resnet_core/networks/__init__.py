"""Residual networks: their configuration, their census, and the torch modules."""
