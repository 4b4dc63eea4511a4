"""One limiter per tenant and provider, shared by all instances through a document."""
