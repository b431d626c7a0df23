"""Check packs: the interface that a pack sees, manifests, and loading."""
