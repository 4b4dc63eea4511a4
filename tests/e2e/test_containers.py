"""What only containers show: no secret can be looked up, no service can change itself, and each ends when asked."""

import json
from pathlib import Path

import pytest
from testcontainers.core.container import DockerContainer

from ops.identity import identity_in
from ops.system import SERVICES
from tests.e2e.conftest import System
from tests.e2e.containers import Part, images
from tests.e2e.leaks import kept_out_of, said, secret_settings, shown
from tests.e2e.running import until
from tests.providers import PROVIDERS

pytestmark = pytest.mark.embedded
OURS = (*(images().of(service) for service in SERVICES), images().simulated)
SECRET_CREDENTIALS = {"secret", "private_key", "client_secret"}


@pytest.fixture(params=SERVICES)
def part(request: pytest.FixtureRequest, system: System) -> Part:
    """The second instance of each service."""
    assert system.containers is not None
    return system.containers.parts[f"{request.param}-2"]


def ran(part: Part, *command: str) -> tuple[int | None, str]:
    code, told = part.container.exec(list(command))
    return code, told.decode() if told else ""


def test_no_secret_is_in_what_the_engine_shows_of_any_container_nor_in_what_any_says(system: System) -> None:
    assert system.containers is not None
    identity = identity_in(Path(system.endpoints["data_dir"]))
    signing = json.loads((identity.home / "signing-key.json").read_text())["d"]
    bearer = identity.token(identity.partner_id).partition(".")[0]
    secrets = (identity.encryption_key, "mongodb://store", signing, bearer, "PRIVATE KEY")
    credentials = [
        value for each in PROVIDERS for name, value in each.credentials.items() if name in SECRET_CREDENTIALS
    ]

    for name, part in system.containers.parts.items():
        everything = shown(part.container) + said(part.container)
        assert not [secret for secret in (*secrets, *credentials) if secret in everything], name
        assert secret_settings(part.container) == [], name
    for part in system.containers.services():
        assert "started" in said(part.container)


def test_what_looks_for_secrets_finds_them_in_a_container_that_was_told_one() -> None:
    told = DockerContainer(images().simulated).with_env("REBILLING_SMTP__PASSWORD", "planted").with_command("env")
    with told:
        until("its words", lambda: "planted" in said(told))

        assert "planted" in shown(told)
        assert secret_settings(told) == ["REBILLING_SMTP__PASSWORD"]


def test_no_layer_of_an_image_of_ours_holds_what_lies_about_where_it_was_built() -> None:
    assert list(kept_out_of(OURS)) == []


@pytest.mark.parametrize("image", OURS)
def test_the_user_of_an_image_owns_none_of_its_code_even_where_the_file_system_can_be_written(image: str) -> None:
    places = "/app /embedded /src /stand-ins /jars /usr /etc /opt"
    looking = f"id -u; find {places} ! -type l -writable 2>/dev/null; touch /tmp/scratch && echo looked"
    with DockerContainer(image).with_kwargs(entrypoint=["sh", "-c", looking]) as container:
        until("what it can write", lambda: "looked" in said(container))

        assert said(container).split() == ["10001", "looked"]


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
