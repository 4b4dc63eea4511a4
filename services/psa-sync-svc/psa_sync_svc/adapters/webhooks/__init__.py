"""How each PSA proves that a webhook comes from it, and what it says."""
