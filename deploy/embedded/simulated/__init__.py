"""What every simulated PSA is made of: records on disk, faults on demand, a log of calls, and connections to cut."""
