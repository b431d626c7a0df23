"""Reading a hostile repository: resolving the change, materialising snapshots, provenance."""
