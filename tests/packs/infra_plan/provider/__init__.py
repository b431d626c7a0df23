"""A provider plugin for tests that speaks the real protocol, with gRPC's own library."""
