"""What only containers show: no secret can be looked up, no service can change itself, and each ends when asked."""

import json
from pathlib import Path

import pytest

from ops.identity import identity_in
from ops.system import SERVICES
from tests.e2e.conftest import System
from tests.e2e.containers import Part
from tests.e2e.running import until

pytestmark = pytest.mark.embedded


@pytest.fixture(params=SERVICES)
def part(request: pytest.FixtureRequest, system: System) -> Part:
    """The second instance of each service."""
    assert system.containers is not None
    return system.containers.parts[f"{request.param}-2"]


def ran(part: Part, *command: str) -> tuple[int | None, str]:
    code, told = part.container.exec(list(command))
    return code, told.decode() if told else ""


def test_no_secret_is_in_what_the_engine_shows_of_a_container_nor_in_what_it_says(part: Part, system: System) -> None:
    identity = identity_in(Path(system.endpoints["data_dir"]))
    wrapped = part.container.get_wrapped_container()
    wrapped.reload()

    shown = json.dumps(wrapped.attrs) + json.dumps(wrapped.image.history())
    said = "".join(told.decode() for told in part.container.get_logs())

    for secret in (identity.encryption_key, "mongodb://store"):
        assert secret not in shown
        assert secret not in said
    assert "started" in said


def test_a_service_is_nobody_and_can_write_nothing_but_its_scratch_directory(part: Part) -> None:
    code = "import customer_svc, shared, sys; print(shared.__path__[0])"
    _, where = ran(part, "/app/bin/python", "-c", code)

    assert ran(part, "id", "-u")[1].strip() == "10001"
    for place in (where.strip(), "/app/bin", "/", "/run/secrets"):
        assert ran(part, "sh", "-c", f"touch {place}/changed")[0] != 0
    assert ran(part, "sh", "-c", "touch /tmp/scratch")[0] == 0


def test_the_engine_sees_that_a_service_is_healthy(part: Part) -> None:
    wrapped = part.container.get_wrapped_container()

    def health() -> bool:
        wrapped.reload()
        return bool(wrapped.attrs["State"]["Health"]["Status"] == "healthy")

    until(f"{part.name} as healthy", health)


def test_a_service_that_is_asked_to_stop_ends_by_itself_and_starts_again(part: Part) -> None:
    wrapped = part.container.get_wrapped_container()

    wrapped.stop(timeout=30)

    wrapped.reload()
    assert wrapped.attrs["State"]["ExitCode"] == 0
    wrapped.start()
    until(f"{part.name} again", lambda: ran(part, "/app/bin/python", "-m", "shared.web.probe", "/readyz")[0] == 0)
