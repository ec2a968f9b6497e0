"""The engine for CUDA, MPS, XPU and, as a reference, the CPU."""
