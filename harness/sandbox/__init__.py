"""Disposable runs: the interface that drivers implement, and choosing a driver."""
