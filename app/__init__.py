"""The window of SkipLens; the only place that imports Qt."""
