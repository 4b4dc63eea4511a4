"""Who may use a data directory, and what it remembers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.datadir import VERSION, DataDir
from embedded.endpoints import write_endpoints
from embedded.part import PartFailed


def test_a_new_directory_is_marked_with_the_version_that_made_it(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "new")

    assert data.is_new
    assert (tmp_path / "new" / "version").read_text().strip() == VERSION
    data.release()


def test_a_directory_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "version").write_text("999\n")

    with pytest.raises(PartFailed, match="written by version 999"):
        DataDir(tmp_path)

    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["version"]


def test_a_directory_with_somebody_elses_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(PartFailed, match="not ours"):
        DataDir(tmp_path)


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(PartFailed, match="cannot be made"):
        DataDir(tmp_path / "file" / "data")


def test_a_directory_serves_one_running_system_at_a_time(tmp_path: Path) -> None:
    first = DataDir(tmp_path / "data")

    with pytest.raises(PartFailed, match=f"in use by process {os.getpid()}"):
        DataDir(tmp_path / "data")

    first.release()
    DataDir(tmp_path / "data").release()


def test_a_killed_owner_leaves_the_directory_free(tmp_path: Path) -> None:
    code = "import os, pathlib, sys; from embedded.datadir import DataDir; "
    code += "DataDir(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "data")], check=False, timeout=30)

    taken_up = DataDir(tmp_path / "data")

    assert not taken_up.is_new
    taken_up.release()


def test_a_part_has_the_same_port_at_every_start(tmp_path: Path) -> None:
    first = DataDir(tmp_path / "data")
    ports = first.port("kafka"), first.port("store")
    first.release()

    again = DataDir(tmp_path / "data")

    assert (again.port("kafka"), again.port("store")) == ports
    assert len({*ports, again.port("mail")}) == 3
    again.release()


def test_the_endpoints_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "endpoints.json"

    write_endpoints(file, {"token": "t"})
    write_endpoints(file, {"token": "u"})

    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == '{\n  "token": "u"\n}\n'
    assert list(file.parent.iterdir()) == [file]
