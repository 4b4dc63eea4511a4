"""What every simulated PSA tells of a field that can be written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """`length`: the most characters of a text; an API adds what only it has."""

    name: str
    kind: str = "string"
    length: int = 0
    required: bool = False
