"""Slow work and sweeps: claimed under a lease, done once in effect, its outcome a change as any other."""
