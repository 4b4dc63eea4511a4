"""A simulated PSA as a process of its own, as its tester sees it."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from embedded.part import Part
from embedded.ports import free_port

R = TypeVar("R", bound="Running")


@dataclass(frozen=True)
class Running:
    """`control` is a client of its address, for whatever is not named here."""

    part: Part
    control: httpx.Client

    @property
    def url(self) -> str:
        return self.part.url

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self.part.process is not None
        return self.part.process

    def asks(self, method: str, path: str, json: Any = None, **params: Any) -> Any:
        """What the tester's side answers."""
        answer = self.control.request(method, path, json=json, params=params).raise_for_status()
        return answer.json() if answer.content else None

    def fails(self, **faults: Any) -> None:
        self.asks("PUT", "/faults", faults)

    def calls(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.asks("GET", "/calls", **({"endpoint": endpoint} if endpoint else {}))
        return found

    def edit(self, account_id: str, fields: Mapping[str, Any]) -> None:
        self.asks("PATCH", f"/companies/{account_id}", dict(fields))

    def forget(self) -> None:
        """No faults any more, and no calls that were seen."""
        self.asks("DELETE", "/faults")
        self.asks("DELETE", "/calls")


def a_simulator(name: str, home: Path, *, accounts: int | None = None) -> Part:
    """Not started yet; `name` as in `embedded.autotask`, `accounts` of a new directory."""
    port = free_port()
    command = [sys.executable, "-m", f"embedded.{name}", "--port", str(port), "--data-dir", str(home / name)]
    more = [] if accounts is None else ["--accounts", str(accounts)]
    return Part(name, [*command, *more], port, home / f"{name}.log", health="/healthz")


@contextmanager
def running(kind: type[R], name: str, home: Path, *, accounts: int) -> Iterator[R]:
    """Started, and ended in the end if it is still there."""
    part = a_simulator(name, home, accounts=accounts)
    try:
        part.start()
        with httpx.Client(base_url=part.url, trust_env=False, timeout=10) as control:
            yield kind(part, control)
    finally:
        part.stop()


def fixtures_of(kind: type[R], name: str, *, accounts: int) -> tuple[Any, Any]:
    """For the conftest of one simulator, which calls them `start` and `of_the_session`."""

    @pytest.fixture(scope="session", name="start")
    def start() -> Callable[..., AbstractContextManager[R]]:
        """Over a directory, with as many accounts as are wanted."""
        return partial(running, kind, name, accounts=accounts)

    @pytest.fixture(scope="session", name="of_the_session")
    def of_the_session(
        start: Callable[..., AbstractContextManager[R]], tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[R]:
        with start(tmp_path_factory.mktemp(name)) as simulator:
            yield simulator

    return start, of_the_session
