"""Where a secret could have been left: what the engine shows of a container, what it says, an image's layers."""

import json
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import IO, Final

from testcontainers.core.container import DockerContainer

_KEPT_OUT: Final = frozenset({".secrets", ".git", ".venv", ".cache", ".data", ".env", "identity", "tests"})
_ENDS: Final = (".key", ".p12", ".jks", "-key", "signing-key.json", "jwks.json", "mongodb-uri", "partner-id", "id_rsa")
_OURS: Final = ("app", "src", "embedded", "stand-ins", "jars", "own", "wheel", "data", "run", "root", "home", "tmp")
_SECRET_NAMES: Final = ("PASSWORD", "SECRET", "TOKEN", "KEY", "URI", "CREDENTIALS")


def shown(container: DockerContainer) -> str:
    """`docker inspect` of it and of its image (environment, labels, commands), and the image's history."""
    wrapped = container.get_wrapped_container()
    wrapped.reload()
    return "\n".join(json.dumps(each) for each in (wrapped.attrs, wrapped.image.attrs, wrapped.image.history()))


def said(container: DockerContainer) -> str:
    return "".join(told.decode(errors="replace") for told in container.get_logs())


def secret_settings(container: DockerContainer) -> list[str]:
    """Names of settings in its environment that hold what belongs into a file."""
    wrapped = container.get_wrapped_container()
    wrapped.reload()
    pairs = (each.partition("=") for each in wrapped.attrs["Config"]["Env"])
    return [
        name for name, _, value in pairs if name.startswith("REBILLING_") and name.endswith(_SECRET_NAMES) and value
    ]


def kept_out_of(images: Iterable[str]) -> Iterator[str]:
    """Files in any layer of these images that have no business there, also where a later layer deletes them."""
    with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saving:
        assert saving.stdout is not None
        yield from kept_out(saving.stdout)
    assert saving.returncode == 0, "the images could not be saved"


def kept_out(saved: IO[bytes]) -> Iterator[str]:
    """The same of a stream as `docker save` writes it: an archive in which each layer is an archive."""
    layers = 0
    with tarfile.open(fileobj=saved, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is None:
                continue
            try:
                with tarfile.open(fileobj=content, mode="r|*") as layer:
                    yield from (each.name for each in layer if _is_kept_out(PurePosixPath(each.name)))
            except tarfile.ReadError:
                continue  # a manifest
            layers += 1
    assert layers, "an image without layers: nothing was looked at"


def _is_kept_out(path: PurePosixPath) -> bool:
    """Packages of others may have what they like in theirs: `tests`, say."""
    parts = [part for part in path.parts if part not in ("/", ".")]
    if not parts or parts[0] not in _OURS or "site-packages" in parts:
        return False
    return not _KEPT_OUT.isdisjoint(parts) or path.name.endswith(_ENDS)
