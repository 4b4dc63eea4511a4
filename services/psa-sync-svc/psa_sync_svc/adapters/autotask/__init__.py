"""Autotask over REST: what its documentation says, and what its servers really answer."""
