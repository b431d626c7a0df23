"""The demonstration: a small repository and one AI-assisted change that looks finished."""
