"""The published language: every message of every topic, typed, with the table of topics. Nothing here decides."""
