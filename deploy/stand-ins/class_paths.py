"""Writes down where the JVM and the jars are, so that starting a server needs no Python and writes nothing."""

from pathlib import Path
from typing import Final

from embedded.classes import joined, store_class_path
from embedded.jars import KAFKA, class_path, java

_WHERE: Final = Path("/stand-ins")

_WHERE.mkdir(exist_ok=True)
(_WHERE / "java").write_text(java())
(_WHERE / "kafka.cp").write_text(joined(class_path(KAFKA, print)))
(_WHERE / "store.cp").write_text(joined(store_class_path(print)))
