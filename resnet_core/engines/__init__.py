"""Engines that run the explained graph, and the choice between them."""
