"""The service that speaks with the PSAs: it reads accounts, answers imports, and remembers what is linked."""
