"""Modules that base could import and head cannot."""
