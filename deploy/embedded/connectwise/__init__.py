"""A simulated ConnectWise PSA: the REST API as far as companies go, with its habits, and faults on demand."""
