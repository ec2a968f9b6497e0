"""Training: pictures, recipes, the run with its checkpoints, and the weights that come out.

Needs torch; nothing in the window imports this package.
"""
