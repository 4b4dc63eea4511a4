"""What a system is put together from, and what its processes are told."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.datadir import DataDir
from ops.cli import main
from ops.identity import ALGORITHM, AUDIENCE, ISSUER, identity_in
from ops.system import SERVICES, SIMULATORS, System, system_of
from shared.settings import AuthSettings
from shared.web.auth import Authenticator

ELSEWHERE = {
    "REBILLING_KAFKA__BOOTSTRAP_SERVERS": "kafka.example:9092",
    "REBILLING_MONGODB__URI": "mongodb://store.example",
    "REBILLING_SMTP__HOST": "mail.example",
}


@pytest.fixture
def data(tmp_path: Path) -> Iterator[DataDir]:
    data = DataDir(tmp_path / "data")
    yield data
    data.release()


def _system(data: DataDir, given: dict[str, str], instances: int = 1) -> System:
    return system_of(data, identity_in(data.path), given, instances=instances, say=lambda _: None)


def test_what_the_environment_names_is_used_instead_of_parts_of_our_own(data: DataDir) -> None:
    system = _system(data, ELSEWHERE)

    assert not {"kafka", "store", "mail"} & {part.name for part in system.foundations}
    assert (system.kafka, system.mongodb, system.mail) == ("kafka.example:9092", "mongodb://store.example", "")
    told = system.services["customer-svc"][0].env
    assert not ELSEWHERE.keys() & told.keys()  # they are in the environment already


def test_each_instance_has_an_address_of_its_own_and_the_first_ones_are_the_services(data: DataDir) -> None:
    system = _system(data, ELSEWHERE, instances=2)
    endpoints = system.endpoints()

    assert isinstance(endpoints["instances"], dict)
    assert {name: len(found) for name, found in endpoints["instances"].items()} == dict.fromkeys(SERVICES, 2)
    assert endpoints["customer_svc"] == endpoints["instances"]["customer-svc"][0]["url"]
    assert len({part.port for part in system.service_parts}) == 2 * len(SERVICES)


def test_a_psa_on_this_machine_is_told_where_its_webhooks_go(data: DataDir) -> None:
    system = _system(data, ELSEWHERE, instances=2)
    given = _system(data, ELSEWHERE | {"REBILLING_WEBHOOKS__PUBLIC_URL": "https://psa.example"})

    first, *_ = system.services["psa-sync-svc"]
    assert first.env["REBILLING_WEBHOOKS__PUBLIC_URL"] == first.url
    assert "REBILLING_WEBHOOKS__PUBLIC_URL" not in given.service_parts[0].env


def test_the_mail_log_of_the_sink_can_be_asked(data: DataDir) -> None:
    given = {name: value for name, value in ELSEWHERE.items() if "SMTP" not in name}

    system = _system(data, given)

    told = system.service_parts[0].env
    assert told["REBILLING_SMTP__LOOKUP"] == f"{system.mail}/messages"
    assert told["REBILLING_SMTP__PORT"] != system.mail.rpartition(":")[2]


def test_the_simulated_psas_may_be_called_though_their_addresses_are_private(data: DataDir) -> None:
    system = _system(data, ELSEWHERE)

    simulators = {part.name: part.url for part in system.foundations if part.name in SIMULATORS}
    assert set(simulators) >= {"autotask", "connectwise", "halopsa"}
    assert system.endpoints()["simulators"] == simulators
    assert system.service_parts[0].env["REBILLING_PSA__ALLOW_PRIVATE_ADDRESSES"] == "true"


async def test_a_token_of_the_system_is_believed_by_its_services(data: DataDir) -> None:
    identity = identity_in(data.path)
    settings = AuthSettings(issuer=ISSUER, audience=AUDIENCE, algorithm=ALGORITHM, jwks_file=identity.jwks_file)

    found = await Authenticator(settings).check(identity.token("some-partner"))

    assert found.partner_id == "some-partner"


def test_a_directory_that_is_taken_up_has_the_same_partner_and_keys(data: DataDir) -> None:
    first, again = identity_in(data.path), identity_in(data.path)

    assert first == again
    assert first.jwks_file.read_text() == again.jwks_file.read_text()


def test_secrets_are_readable_for_their_owner_only(data: DataDir) -> None:
    home = identity_in(data.path).home

    assert home.stat().st_mode & 0o777 == 0o700
    for name in ("signing-key.json", "encryption-key"):
        assert (home / name).stat().st_mode & 0o777 == 0o600
    assert '"d"' not in (home / "jwks.json").read_text()


def test_no_token_is_made_where_another_issuer_is_configured(data: DataDir) -> None:
    system = _system(data, {**ELSEWHERE, "REBILLING_AUTH__JWKS_URL": "https://issuer.example/jwks"})

    assert not [name for name in system.services["customer-svc"][0].env if "AUTH" in name]


def test_a_directory_of_another_version_ends_the_command_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "version").write_text("999\n")
    monkeypatch.setattr(sys, "argv", ["rebilling", "up", "--data-dir", str(tmp_path)])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert "written by version 999" in capsys.readouterr().out


def test_a_token_needs_a_running_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["rebilling", "token", "p", "--endpoints-file", str(tmp_path / "none.json")])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert "not the endpoints file of a running system" in capsys.readouterr().err
