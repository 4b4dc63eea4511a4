"""What looks for secrets in images finds one that is there."""

import io
import tarfile

import pytest

from tests.e2e.leaks import kept_out


def an_archive(**files: bytes) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return written.getvalue()


@pytest.mark.parametrize(
    "planted", ["src/.secrets/identity/x", "app/encryption-key", "root/.git/config", "src/tests/a.py"]
)
def test_a_file_that_was_left_in_a_layer_is_found_though_others_are_as_they_should_be(planted: str) -> None:
    clean = an_archive(**{"app/bin/service": b"#!", "etc/ssl/private/x.key": b"of the base"})
    layers = {"1/layer.tar": clean, "2/layer.tar": an_archive(**{planted: b"x"}), "manifest.json": b"[]"}

    found = list(kept_out(io.BytesIO(an_archive(**layers))))

    assert found == [planted]


def test_an_archive_in_which_no_layer_is_seen_proves_nothing() -> None:
    with pytest.raises(AssertionError, match="nothing was looked at"):
        list(kept_out(io.BytesIO(an_archive(**{"manifest.json": b"[]"}))))
