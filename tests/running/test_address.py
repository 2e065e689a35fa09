"""The address of the web process: loopback only, and kept while nobody listens."""

import socket

import pytest

from trailerflow.errors import Misconfigured
from trailerflow.running import address


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:"), ("localhost", "http://127.0.0.1:"), ("127.8.8.8", "http://127.8.8.8:")],
)
def test_port_0_becomes_a_free_port_of_a_loopback_address(host: str, url: str) -> None:
    with address.reserved(host, 0) as place:
        assert place.url == f"{url}{place.port}"
        assert place.port > 0


def test_a_six_address_is_written_in_brackets() -> None:
    assert address.Address("::1", 8000).url == "http://[::1]:8000"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "film.example", ""])  # noqa: S104 - it must be refused
def test_what_others_could_reach_is_refused_with_a_remedy(host: str) -> None:
    with pytest.raises(Misconfigured) as refused, address.reserved(host, 0):
        pass
    assert refused.value.remedy


def test_a_web_process_can_listen_beside_the_reservation_and_come_back() -> None:
    with address.reserved("127.0.0.1", 0) as place:
        for _ in range(2):
            with socket.create_server((place.host, place.port)):
                socket.create_connection((place.host, place.port)).close()


def test_a_port_somebody_listens_on_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "TAKEN_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"port {port}"), address.reserved("127.0.0.1", port):
            pass
