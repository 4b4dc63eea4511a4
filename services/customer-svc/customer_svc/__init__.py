"""The service that owns end customers: it decides about them and says what happened to them."""
