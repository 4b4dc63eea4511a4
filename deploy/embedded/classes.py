"""Our own Java classes for the document store, compiled at set-up by a compiler that is itself a jar."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from embedded.jars import COMPILER, STORE, JarsUnusable, Say, cache_dir, class_path, java

_SOURCES: Final = Path(__file__).with_name("java")
_MAIN: Final = "org.eclipse.jdt.internal.compiler.batch.Main"


def joined(paths: Sequence[Path]) -> str:
    """Paths as one `-cp` argument."""
    return os.pathsep.join(map(str, paths))


def store_class_path(say: Say) -> list[Path]:
    """The document store's jars with our classes before them; compiles when the sources or the jars are new."""
    libraries = class_path(STORE, say)
    sources = sorted(_SOURCES.glob("*.java"))
    what = b"".join(source.read_bytes() for source in sources) + joined(libraries).encode()
    classes = cache_dir() / "classes" / hashlib.sha256(what).hexdigest()[:16]
    if not classes.exists():
        say("compiling the document store's launcher")
        _compile(sources, libraries, classes)
    return [classes, *libraries]


def _compile(sources: Sequence[Path], libraries: Sequence[Path], classes: Path) -> None:
    compiler = class_path(COMPILER, lambda _: None)
    classes.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=classes.parent) as scratch:
        made = Path(scratch) / "made"
        command = [java(), "-cp", joined(compiler), _MAIN, "-source", "17", "-target", "17", "-proc:none", "-nowarn"]
        command += ["-cp", joined(libraries), "-d", str(made), *map(str, sources)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise JarsUnusable(f"the launcher did not compile: {done.stderr[-800:]}")
        if not classes.exists():
            shutil.move(made, classes)
