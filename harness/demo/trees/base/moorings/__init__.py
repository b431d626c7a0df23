"""Books berths for visiting boats."""
