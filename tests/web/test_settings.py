import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shared.settings import (
    AuthSettings,
    HttpSettings,
    KafkaSettings,
    MongoSettings,
    TelemetrySettings,
    load,
)

Complain = Callable[[type[object]], list[str]]


@dataclass(frozen=True)
class Everything:
    kafka: KafkaSettings
    mongodb: MongoSettings
    auth: AuthSettings
    http: HttpSettings


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith("REBILLING_"):
            monkeypatch.delenv(name)


@pytest.fixture
def complaint(capsys: pytest.CaptureFixture[str]) -> Complain:
    """The lines that a process with these settings ends with."""

    def lines(wanted: type[object]) -> list[str]:
        with pytest.raises(SystemExit) as ended:
            load(wanted)
        assert ended.value.code == 2
        told = capsys.readouterr().err
        assert "Traceback" not in told
        assert "pydantic" not in told
        return told.splitlines()

    return lines


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"REBILLING_{name}", value)

    return put


def test_settings_come_from_the_environment(env: Callable[..., None]) -> None:
    env(
        KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:9092",
        MONGODB__URI="mongodb://u:p@127.0.0.1:27017",
        AUTH__ISSUER="i",
        AUTH__AUDIENCE="a",
        AUTH__JWKS_FILE="keys.json",
        HTTP__PORT="0",
    )

    found = load(Everything)

    assert found.kafka.bootstrap_servers == "127.0.0.1:9092"
    assert found.mongodb.database("customer-svc") == "rebilling_customer_svc"
    assert found.auth.jwks_file == Path("keys.json")
    assert (found.http.host, found.http.port) == ("127.0.0.1", 0)
    assert "u:p" not in repr(found)


def test_everything_that_is_missing_is_told_at_once(complaint: Complain) -> None:
    assert complaint(Everything) == [
        "configuration: REBILLING_KAFKA__BOOTSTRAP_SERVERS is not set (the brokers, as host:port,host:port): set it",
        "configuration: REBILLING_MONGODB__URI is not set "
        "(the document store's address, mongodb://host:port; it may hold a password): set it",
        "configuration: REBILLING_AUTH__ISSUER is not set (the `iss` of the tokens): set it",
        "configuration: REBILLING_AUTH__AUDIENCE is not set (the `aud` that tokens must name): set it",
    ]


def test_an_empty_variable_is_as_good_as_none(env: Callable[..., None], complaint: Complain) -> None:
    env(KAFKA__BOOTSTRAP_SERVERS="")

    assert "is not set" in complaint(KafkaSettings)[0]


def test_a_name_that_is_nearly_right_is_pointed_out(env: Callable[..., None], complaint: Complain) -> None:
    env(KAFKA__BOOTSTRAP_SERVER="127.0.0.1:9092")

    assert complaint(KafkaSettings)[0].endswith("did you mean it by REBILLING_KAFKA__BOOTSTRAP_SERVER?")


def test_the_value_of_a_secret_is_never_repeated(env: Callable[..., None], complaint: Complain) -> None:
    env(MONGODB__URI="postgres://user:hunter2@db")

    (line,) = complaint(MongoSettings)
    assert "REBILLING_MONGODB__URI" in line
    assert "must begin with mongodb://" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://user:hunt/er2@db.example/",
        "mongodb://user:hunt@er2@db.example/",
        "mongodb://user:hunt:er2@db.example/",
        "mongodb://user:hunter2%@db.example/",
        "mongodb://user:hunter2@db.example:port/",
        "mongodb://user:hunter2@/",
        "mongodb://user:hunter2@db.example,/",
    ],
)
def test_an_address_that_cannot_be_read_is_told_without_any_part_of_it(
    env: Callable[..., None], complaint: Complain, uri: str
) -> None:
    env(MONGODB__URI=uri)

    (line,) = complaint(MongoSettings)

    assert line.startswith("configuration: REBILLING_MONGODB__URI")
    assert "mongodb://user:password@host:port" in line
    assert not {"hunt", "er2", "db.example"} & set(line.replace("/", " ").replace(":", " ").replace("@", " ").split())


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://a.example",
        "mongodb://a.example:27017,b.example:27018,[::1]:27019/?replicaSet=rebilling",
        "mongodb://user:p%40ss%2Fw%3A@a.example/admin?tls=true&authMechanism=SCRAM-SHA-256",
        "mongodb+srv://user:hunter2@cluster.example/?retryWrites=true&w=majority",
    ],
)
def test_what_a_driver_can_read_is_taken(env: Callable[..., None], uri: str) -> None:
    env(MONGODB__URI=uri)

    assert load(MongoSettings).uri.get_secret_value() == uri


@pytest.mark.parametrize("setting", ["CA_FILE", "CERTIFICATE_FILE"])
def test_a_certificate_without_tls_would_do_nothing_and_is_refused(
    env: Callable[..., None], complaint: Complain, tmp_path: Path, setting: str
) -> None:
    (tmp_path / "file.pem").touch()
    env(MONGODB__URI="mongodb://store.example", **{f"MONGODB__{setting}": str(tmp_path / "file.pem")})

    (line,) = complaint(MongoSettings)

    assert "add tls=true" in line


@pytest.mark.parametrize(("part", "setting"), [(MongoSettings, "MONGODB__CA_FILE"), (KafkaSettings, "KAFKA__CA_FILE")])
def test_an_authority_that_is_not_there_is_told(
    env: Callable[..., None], complaint: Complain, part: type[Any], setting: str
) -> None:
    env(**{**ENCRYPTED, setting: "/no/such/ca.pem"})

    (line,) = complaint(part)

    assert line.startswith(f"configuration: REBILLING_{setting} (the authority that signed ")


def test_production_may_know_the_store_by_a_certificate_of_its_own(env: Callable[..., None]) -> None:
    env(**{**ENCRYPTED, "MONGODB__URI": "mongodb://store.example/?tls=true&authMechanism=MONGODB-X509"})

    assert load(Everything).mongodb.uri.get_secret_value().endswith("X509")


def test_nor_is_any_other_value(env: Callable[..., None], complaint: Complain) -> None:
    env(HTTP__PORT="eighty", TELEMETRY__LOG_FORMAT="xml")

    assert complaint(HttpSettings) == [
        "configuration: REBILLING_HTTP__PORT (0: a free one, which the log tells): "
        "Input should be a valid integer, unable to parse string as an integer"
    ]
    assert "'json', 'console' or 'auto'" in complaint(TelemetrySettings)[0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "set either"),
        ({"AUTH__JWKS_FILE": "f", "AUTH__JWKS_URL": "https://i.example/keys"}, "set either"),
        ({"AUTH__JWKS_URL": "http://i.example/keys"}, "https://"),
        ({"AUTH__JWKS_URL": "http://localhost.evil.example/keys"}, "https://"),
        ({"AUTH__JWKS_URL": "http://127.0.0.1@evil.example/keys"}, "https://"),
        ({"AUTH__JWKS_FILE": "f", "AUTH__ALGORITHM": "HS256"}, "REBILLING_AUTH__ALGORITHM"),
        ({"AUTH__JWKS_FILE": "f", "AUTH__ALGORITHM": "none"}, "REBILLING_AUTH__ALGORITHM"),
    ],
)
def test_tokens_are_believed_only_for_keys_from_one_safe_place(
    env: Callable[..., None], complaint: Complain, values: dict[str, str], words: str
) -> None:
    env(AUTH__ISSUER="i", AUTH__AUDIENCE="a", **values)

    (line,) = complaint(AuthSettings)
    assert words in line


@pytest.mark.parametrize(
    "values",
    [
        {"KAFKA__SECURITY_PROTOCOL": "SASL_SSL"},
        {"KAFKA__SECURITY_PROTOCOL": "SASL_SSL", "KAFKA__SASL_USERNAME": "u"},
        {"KAFKA__SASL_USERNAME": "u", "KAFKA__SASL_PASSWORD": "hunter2"},
    ],
)
def test_a_password_is_whole_and_used(env: Callable[..., None], complaint: Complain, values: dict[str, str]) -> None:
    env(KAFKA__BOOTSTRAP_SERVERS="b:9092", **values)

    (line,) = complaint(KafkaSettings)
    assert "REBILLING_KAFKA__S" in line
    assert "hunter2" not in line


def test_lines_are_json_where_nobody_watches(env: Callable[..., None]) -> None:
    assert load(TelemetrySettings).json_lines
    env(TELEMETRY__LOG_FORMAT="console")
    assert not load(TelemetrySettings).json_lines


def test_secrets_stand_in_files_where_a_directory_of_them_is_named(env: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "REBILLING_MONGODB__URI").write_text("mongodb://from-a-file.example\n")
    (tmp_path / "rebilling_kafka__sasl_password").write_text("invented")
    env(SECRETS_DIR=str(tmp_path), KAFKA__BOOTSTRAP_SERVERS="broker:9092")
    env(KAFKA__SECURITY_PROTOCOL="SASL_SSL", KAFKA__SASL_USERNAME="customer-svc")

    store, broker = load(MongoSettings), load(KafkaSettings)

    assert store.uri.get_secret_value() == "mongodb://from-a-file.example"
    assert broker.sasl_password is not None
    assert broker.sasl_password.get_secret_value() == "invented"


def test_a_variable_counts_before_the_file_of_its_name(env: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "REBILLING_MONGODB__URI").write_text("mongodb://from-a-file.example")
    env(SECRETS_DIR=str(tmp_path), MONGODB__URI="mongodb://from-a-variable.example")

    assert load(MongoSettings).uri.get_secret_value() == "mongodb://from-a-variable.example"


def test_a_directory_of_secrets_that_is_not_there_is_told(env: Callable[..., None], complaint: Complain) -> None:
    env(SECRETS_DIR="/no/such/place", MONGODB__URI="mongodb://store.example")

    assert complaint(MongoSettings) == [
        "configuration: REBILLING_SECRETS_DIR is no directory: mount the secrets there, or do not set it"
    ]


ENCRYPTED = {
    "KAFKA__BOOTSTRAP_SERVERS": "broker.example:9092",
    "KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA__SASL_USERNAME": "customer-svc",
    "KAFKA__SASL_PASSWORD": "invented",
    "MONGODB__URI": "mongodb://u:invented@store.example/?tls=true",
    "AUTH__ISSUER": "https://issuer.example",
    "AUTH__AUDIENCE": "rebilling",
    "AUTH__JWKS_URL": "https://issuer.example/keys",
    "SECURITY__ENCRYPTED_ONLY": "true",
}


def test_production_starts_where_everything_is_encrypted_and_named(env: Callable[..., None]) -> None:
    env(**ENCRYPTED)

    assert load(Everything).kafka.security_protocol == "SASL_SSL"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KAFKA__SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
        ("MONGODB__URI", "mongodb://u:invented@store.example/"),
        ("MONGODB__URI", "mongodb://store.example/?tls=true"),
        ("MONGODB__URI", "mongodb://u:invented@store.example/?tls=true&tlsInsecure=true"),
        ("MONGODB__URI", "mongodb://u:invented@store.example/?ssl=false"),
        ("MONGODB__URI", "mongodb://u:invented@store.example/?tls=true&tls=false"),
        ("MONGODB__URI", "mongodb://u:invented@store.example/?tls=True"),
        ("MONGODB__URI", "mongodb://u@store.example/?tls=true"),
    ],
)
def test_production_does_not_start_in_plain_text_and_says_what_to_set(
    env: Callable[..., None], complaint: Complain, name: str, value: str
) -> None:
    env(**{**ENCRYPTED, name: value})

    (told,) = complaint(Everything)

    assert told.startswith(f"configuration: REBILLING_{name} must ")
    assert "invented" not in told


def test_a_replica_set_by_its_name_is_reached_over_tls_unless_told_otherwise(env: Callable[..., None]) -> None:
    env(**{**ENCRYPTED, "MONGODB__URI": "mongodb+srv://u:invented@cluster.example/"})

    assert load(Everything).mongodb.database("customer-svc") == "rebilling_customer_svc"
