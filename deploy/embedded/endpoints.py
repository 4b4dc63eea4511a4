"""The endpoints file: where a running system's parts are and which processes they are, as JSON for other programs."""

import json
import os
from collections.abc import Mapping
from pathlib import Path


def write_endpoints(file: Path, endpoints: Mapping[str, object]) -> None:
    """In one step, so that a reader never sees half of it; only its owner may read it, since it may hold a token."""
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    scratch.touch(mode=0o600)
    scratch.write_text(json.dumps(endpoints, indent=2) + "\n")
    scratch.replace(file)
