"""Kafka and the document store as parts of the embedded stack."""

import base64
import subprocess
import uuid
from pathlib import Path
from typing import Final

from embedded.jars import KAFKA, Say, class_path, java, store_classes
from embedded.part import Part, PartFailed, free_port

VERSION: Final = "1"
_HEAP: Final = "-Xmx512m"


def claim_data_dir(data_dir: Path) -> None:
    """Mark a new data directory as ours; refuse one that another version wrote."""
    data_dir.mkdir(parents=True, exist_ok=True)
    mark = data_dir / "version"
    if not mark.exists():
        if any(data_dir.iterdir()):
            raise PartFailed(f"{data_dir} holds other files; give an empty directory, or one that rebilling made")
        mark.write_text(VERSION + "\n")
    elif (found := mark.read_text().strip()) != VERSION:
        raise PartFailed(
            f"{data_dir} was written by data version {found}, this is version {VERSION}; give another --data-dir"
        )


def kafka(data_dir: Path, say: Say, *, port: int | None = None) -> Part:
    """A broker of one node in KRaft mode; formats its directory at the first start."""
    home, port, controller = data_dir / "kafka", port or free_port(), free_port()
    classes = class_path(KAFKA, say)
    home.mkdir(parents=True, exist_ok=True)
    properties = home / "server.properties"
    properties.write_text(_kafka_properties(home, port, controller))
    if not (home / "logs" / "meta.properties").exists():
        _format(classes, properties)
    options = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
    return Part(
        "kafka",
        [java(), _HEAP, *options, "-cp", classes, "kafka.Kafka", str(properties)],
        port,
        home / "kafka.log",
        start_limit=90.0,
    )


def _kafka_properties(home: Path, port: int, controller: int) -> str:
    lines = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(home / "logs"),
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "offsets.retention.minutes": "172800",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def _format(classes: str, properties: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = [java(), "-cp", classes, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise PartFailed(f"kafka: its directory could not be formatted: {(done.stderr or done.stdout)[-800:]}")


def document_store(data_dir: Path, say: Say, *, port: int | None = None) -> Part:
    """The MongoDB-compatible store; its file is safe against a killed process."""
    home, port = data_dir / "store", port or free_port()
    classes = store_classes(say)
    home.mkdir(parents=True, exist_ok=True)
    command = [java(), _HEAP, "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", classes]
    return Part("store", [*command, "DocumentStore", "127.0.0.1", str(port), str(home / "data.mv")], port, home / "store.log")
