"""The private Redis: found or asked for, on a socket, keeping nothing."""

import importlib.util
import stat
from pathlib import Path

import pytest
import redis

from trailerflow.errors import Misconfigured
from trailerflow.running import redis_server


def test_it_answers_on_a_socket_for_its_owner_alone_and_keeps_nothing(redis_url: str) -> None:
    path = Path(redis_url.removeprefix("unix://").partition("?")[0])
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    with redis.Redis.from_url(redis_url) as client:
        assert client.config_get("save") == {"save": ""}
        assert client.config_get("appendonly") == {"appendonly": "no"}
        assert client.config_get("port") == {"port": "0"}


def test_the_one_on_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("valkey-server", "redis-server"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server.program() == tmp_path / "redis-server"
    (tmp_path / "redis-server").unlink()
    assert redis_server.program() == tmp_path / "valkey-server"


def test_valkey_is_shown_under_the_name_of_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "valkey-server").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "redis-server {listen-addr}" in redis_server.child(tmp_path / "redis.sock", {}).command


def test_without_any_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Misconfigured) as refused:
        redis_server.program()
    assert "TRAILERFLOW_REDIS_URL" in refused.value.remedy


@pytest.mark.parametrize("name", ["plain", "with space", "100%", "é", "x" * 120])
def test_the_socket_is_short_and_needs_no_escaping(tmp_path: Path, name: str) -> None:
    with redis_server.socket(tmp_path / name) as path:
        assert len(bytes(path)) <= redis_server.SOCKET_PATH_BYTES
        assert (path.parent == tmp_path / name) == (name == "plain")
        folder = path.parent
    assert name == "plain" or not folder.exists()


async def test_a_redis_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(Misconfigured, match=r"Redis at 127\.0\.0\.1:1/0 does not answer") as refused:
        await redis_server.answer("redis://:secret@127.0.0.1:1/0", timeout_seconds=0.1)
    assert "secret" not in str(refused.value)
