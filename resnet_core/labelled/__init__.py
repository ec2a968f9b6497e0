"""Pictures with labels, in folders and archives: what networks learn from and are measured on."""
