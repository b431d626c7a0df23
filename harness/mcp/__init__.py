"""The harness as tools of an assistant (Model Context Protocol), read-only towards the repository."""
