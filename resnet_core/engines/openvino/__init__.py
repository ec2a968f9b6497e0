"""The engine for Intel and compatible CPUs and Intel GPUs; the default where there is no torch."""
