"""A mail server for one machine: it takes every mail, keeps it, shows it over HTTP, and misbehaves when told to."""
