"""The PSAs by name."""

from enum import StrEnum


class Provider(StrEnum):
    AUTOTASK = "autotask"
    CONNECTWISE = "connectwise"
    HALOPSA = "halopsa"
