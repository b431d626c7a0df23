"""A proxy between terraform and the real provider plugins: plans go through, nothing else leaves."""
