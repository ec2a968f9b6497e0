"""The command line: thin, each command a file that parses, calls the core, and prints."""
