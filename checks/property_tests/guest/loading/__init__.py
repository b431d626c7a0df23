"""Importing modules of the tree, each in a process of its own."""
