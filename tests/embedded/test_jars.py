"""Only the pinned jars are ever run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from embedded import jars

Answer = Callable[[str, jars.Say], list[Path]]


def _quiet(_: str) -> None: ...


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REBILLING_CACHE_DIR", str(tmp_path / "cache"))
    pins = tmp_path / "pins.json"
    pins.write_text('{"a.jar": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}')  # of "a"
    monkeypatch.setattr(jars, "SUMS", pins)
    return tmp_path / "cache"


def _registry(cache: Path, *contents: str) -> Answer:
    """A registry that answers these contents one after the other."""
    answers = iter(contents)

    def resolve(_coordinates: str, _say: jars.Say) -> list[Path]:
        modules = cache / "jgo" / "modules"
        modules.mkdir(parents=True, exist_ok=True)
        (modules / "a.jar").write_text(next(answers))
        return [modules / "a.jar"]

    return resolve


def test_a_jar_with_the_pinned_sum_is_taken(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_resolve", _registry(cache, "a"))

    assert [jar.name for jar in jars.class_path("g:a:1", _quiet)] == ["a.jar"]


def test_half_a_download_is_fetched_once_more(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_resolve", _registry(cache, "", "a"))

    assert [jar.read_text() for jar in jars.class_path("g:a:1", _quiet)] == ["a"]


def test_another_file_than_the_pinned_one_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_resolve", _registry(cache, "evil", "evil"))

    with pytest.raises(jars.JarsUnusable, match=r"a\.jar is not the file that was pinned"):
        jars.class_path("g:a:1", _quiet)
