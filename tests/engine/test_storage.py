import hashlib
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trailerflow.engine.storage import Storage


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "files")


def files_in(storage: Storage) -> list[Path]:
    return sorted(path for path in storage.folder.rglob("*") if path.is_file())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=2000))
def test_what_was_stored_comes_back_under_the_name_of_its_content(storage: Storage, content: bytes) -> None:
    source = storage.folder.parent / "source"
    source.write_bytes(content)
    stored = storage.put(source)
    assert stored == storage.put_bytes(content)
    assert (stored.sha256, stored.bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert storage.has(stored.sha256)
    assert storage.path(stored.sha256).read_bytes() == content
    assert source.exists()


def test_the_same_content_is_stored_once(storage: Storage) -> None:
    storage.put_bytes(b"twice")
    storage.put_bytes(b"twice")
    assert len(files_in(storage)) == 1


def test_nothing_is_there_before_it_was_stored(storage: Storage) -> None:
    assert not storage.has("0" * 64)


def test_a_copy_that_breaks_off_leaves_nothing_behind(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"a long film")

    def disk_full(_source: Path, target: Path) -> None:
        target.write_bytes(b"a long")
        raise OSError("no space left on device")

    monkeypatch.setattr(shutil, "copyfile", disk_full)
    with pytest.raises(OSError, match="no space left"):
        storage.put(source)
    assert files_in(storage) == []


def test_a_file_is_on_the_disk_before_it_has_its_name(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        order.append("fsync")
        fsync(handle)

    def noted_replace(path: Path, target: Path) -> None:
        order.append("name")
        replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    storage.put_bytes(b"durable")
    assert order == ["fsync", "name", "fsync"]


def test_removing_leaves_the_others_and_bears_what_is_gone(storage: Storage) -> None:
    stays, goes = storage.put_bytes(b"stays"), storage.put_bytes(b"goes")
    for _ in range(2):
        storage.remove_all([goes.sha256])
    assert files_in(storage) == [storage.path(stays.sha256)]
