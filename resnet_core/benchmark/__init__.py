"""Measuring the engines, side by side in one alternating run."""
