"""Pictures: decoding, orientation, preprocessing for a network, and painting of maps."""
