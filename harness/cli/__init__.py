"""The command line: thin files that parse, call one core function, print and return a status."""
