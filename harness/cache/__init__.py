"""Results kept by the digest of everything that they depend on."""
