"""Telling a host (GitHub, GitLab) what a report says."""
