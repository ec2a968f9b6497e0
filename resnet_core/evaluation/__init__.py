"""How often a network is right: errors, tables by class, and what it takes for what."""
