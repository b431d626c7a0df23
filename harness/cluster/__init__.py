"""A run spread over the workers of a cluster (extra ``cluster``)."""
