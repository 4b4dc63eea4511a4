"""One file per use case: a message in, the Changes that it asks for out."""
