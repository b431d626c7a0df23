"""The stage: a small trusted process between the harness and bubblewrap.

It runs outside the sandbox, in a mount namespace of its own, from the standard
library and `harness.sandbox.kernel` only.
One server per harness forks one stage per job; the stage assembles the job's files, starts
bubblewrap, enforces the limits, hands the output folder back and removes every trace, even
when the harness is killed.
"""
