"""One file per use case: what a message asks of which documents."""
