"""A simulated HaloPSA: tokens, clients and their sites over REST, with its habits, its limit, and faults on demand."""
