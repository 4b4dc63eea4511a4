"""Kafka and the document store alone, for tests and for working on one service: `python -m embedded.stack`."""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from embedded.datadir import DataDir
from embedded.endpoints import write_endpoints
from embedded.jars import JarsUnusable, Say
from embedded.lifeline import tie_to_parent
from embedded.part import Part, PartFailed
from embedded.ports import LOOPBACK
from embedded.servers import document_store, kafka


@dataclass(frozen=True)
class Stack:
    """The two servers, started; each may be killed and started again on its port."""

    kafka: Part
    store: Part

    @property
    def bootstrap_servers(self) -> str:
        return f"{LOOPBACK}:{self.kafka.port}"

    @property
    def mongodb_uri(self) -> str:
        return f"mongodb://{LOOPBACK}:{self.store.port}"

    @property
    def parts(self) -> tuple[Part, Part]:
        return self.kafka, self.store

    def endpoints(self) -> dict[str, object]:
        pids = {part.name: part.pid for part in self.parts}
        return {"kafka": self.bootstrap_servers, "mongodb": self.mongodb_uri, "pids": pids}


def quiet(_: str) -> None:
    """For those who do not want to hear of progress."""


@contextmanager
def running(data_dir: Path, say: Say = quiet) -> Iterator[Stack]:
    """Both servers on loopback ports over this directory, stopped at the end. Raises `PartFailed`, `JarsUnusable`."""
    data = DataDir(data_dir)
    stack = None
    try:
        stack = Stack(kafka(data, say), document_store(data, say))
        say("starting Kafka and the document store")
        for part in stack.parts:
            part.launch()
        for part in stack.parts:
            part.await_ready()
        yield stack
    finally:
        if stack is not None:
            for part in stack.parts:
                part.ask_to_end()
            for part in stack.parts:
                part.await_end()
        data.release()


def _serve(data_dir: Path, file: Path | None, console: Console) -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    began = time.monotonic()
    with console.status("starting") as status, running(data_dir, status.update) as stack:
        status.stop()
        if file is not None:
            write_endpoints(file, stack.endpoints())
        console.print(f"ready after {time.monotonic() - began:.1f} s", stack.endpoints())
        while not stopping.wait(0.2):
            for part in stack.parts:
                if not part.alive():
                    raise PartFailed(f"{part.name} ended:\n{part.last_words()}\n(its log: {part.log})")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m embedded.stack", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--endpoints-file", type=Path, help="written when both are ready")
    given = parser.parse_args()
    console = Console(stderr=True)
    tie_to_parent(os.getppid(), signal.SIGTERM)
    try:
        _serve(given.data_dir, given.endpoints_file, console)
    except (PartFailed, JarsUnusable) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
