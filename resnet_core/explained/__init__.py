"""The explained graph: forward pass, backward pass to every block, and the maps, in one."""
