"""Kafka and the document store as parts of the embedded stack."""

import base64
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from embedded.classes import joined, store_class_path
from embedded.datadir import DataDir
from embedded.jars import KAFKA, Say, class_path, java
from embedded.part import Part, PartFailed
from embedded.ports import LOOPBACK

_FORMAT_S: Final = 90.0
_JVM: Final = ("-Xmx512m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")


def kafka(data: DataDir, say: Say, more: Mapping[str, str] = MappingProxyType({})) -> Part:
    """A broker of one node in KRaft mode; formats its directory at the first start.

    `more` are properties that count before ours.
    """
    home, port = data.path / "kafka", data.port("kafka")
    classes = joined(class_path(KAFKA, say))
    home.mkdir(parents=True, exist_ok=True)
    properties = home / "server.properties"
    properties.write_text(_kafka_properties(home, port, data.port("kafka-controller"), more))
    if not (home / "logs" / "meta.properties").exists():
        say("formatting the broker's directory")
        _format(classes, properties)
    command = [java(), *_JVM, "-cp", classes, "kafka.Kafka", str(properties)]
    return Part("kafka", command, port, data.log("kafka"), start_limit=90.0)


def _kafka_properties(home: Path, port: int, controller: int, more: Mapping[str, str]) -> str:
    lines = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(home / "logs"),
        "broker.session.timeout.ms": "3000",  # a killed broker is let in again once its own session is over
        "broker.heartbeat.interval.ms": "500",
        "log.cleaner.dedupe.buffer.size": str(32 << 20),
        "log.index.size.max.bytes": str(1 << 20),
        "log.segment.bytes": str(256 << 20),
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "offsets.retention.minutes": "172800",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
    }
    return "".join(f"{name}={value}\n" for name, value in {**lines, **more}.items())


def _format(classes: str, properties: Path) -> None:
    tool = [java(), *_JVM, "-cp", classes, "kafka.tools.StorageTool"]
    command = [*tool, "format", "-t", new_cluster_id(), "-c", str(properties)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_FORMAT_S, check=False)
    except subprocess.TimeoutExpired:
        raise PartFailed(f"kafka: its directory was not formatted within {_FORMAT_S:.0f} s") from None
    if done.returncode:
        raise PartFailed(f"kafka: its directory could not be formatted: {(done.stderr or done.stdout)[-800:]}")


def new_cluster_id() -> str:
    """16 random bytes as Kafka writes them; never one that begins like an option, which the tool would take it for."""
    while True:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not made.startswith("-"):
            return made


def document_store(data: DataDir, say: Say) -> Part:
    """The MongoDB-compatible store; its file is safe against a killed process."""
    home, port = data.path / "store", data.port("store")
    classes = joined(store_class_path(say))
    home.mkdir(parents=True, exist_ok=True)
    arguments = [LOOPBACK, str(port), str(home / "data.mv")]
    command = [java(), *_JVM, "-cp", classes, "DocumentStore", *arguments]
    return Part("store", command, port, data.log("store"))
