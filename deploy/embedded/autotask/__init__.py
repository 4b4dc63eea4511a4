"""A simulated Autotask: the REST API as far as companies go, with its habits, its limits, and faults on demand."""
