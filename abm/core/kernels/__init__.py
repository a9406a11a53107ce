"""Kernels on disk, and what they are made of: numba's private side, in one guarded place."""
