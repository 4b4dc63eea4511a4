"""A data directory belongs to one version of the stack, and to one running stack at a time."""

import fcntl
import json
import os
from pathlib import Path
from typing import Final

from embedded.part import PartFailed
from embedded.ports import free_port, keep

VERSION: Final = "2"
"""Raised when a newer stack could not read what an older one wrote."""


class DataDir:
    """A directory that this process holds until it ends. Raises `PartFailed` where it cannot be had."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.is_new = not (self.path / "version").exists()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise PartFailed(f"{self.path} cannot be made: {error.strerror}; give another --data-dir") from error
        self._refuse_what_is_not_ours()
        self._lock = self._hold()
        self._ports: dict[str, int] = self._read_ports()
        for port in self._ports.values():
            keep(port)

    def _refuse_what_is_not_ours(self) -> None:
        mark = self.path / "version"
        if not self.is_new:
            found = mark.read_text().strip()
            if found != VERSION:
                raise PartFailed(
                    f"{self.path} was written by version {found} of the embedded stack, this is version {VERSION}; "
                    "give another --data-dir, remove this one if nobody needs it, or run the version that wrote it"
                )
        elif any(entry.name != "lock" for entry in self.path.iterdir()):
            raise PartFailed(f"{self.path} holds files that are not ours; give an empty directory, or one that we made")

    def _hold(self) -> int:
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(lock, 20).decode(errors="replace").strip()
            os.close(lock)
            raise PartFailed(
                f"{self.path} is in use by process {owner or 'unknown'}; stop that one, or give another --data-dir"
            ) from error
        os.truncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        (self.path / "version").write_text(VERSION + "\n")
        return lock

    def _read_ports(self) -> dict[str, int]:
        try:
            return {str(name): int(port) for name, port in json.loads((self.path / "ports.json").read_text()).items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def port(self, name: str) -> int:
        """The port that this part has in this directory: the same one at every start, since data may name it."""
        if name not in self._ports:
            self._ports[name] = free_port()
            (self.path / "ports.json").write_text(json.dumps(self._ports, indent=1) + "\n")
        return self._ports[name]

    def log(self, name: str) -> Path:
        """Where the part of this name writes its lines."""
        return self.path / "logs" / f"{name}.log"

    def release(self) -> None:
        """Let another process have the directory."""
        os.close(self._lock)
