"""Risk scoring, policy and sign-offs: pure functions, values in, verdict out."""
