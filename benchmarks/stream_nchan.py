"""nginx with nchan, the anchor of `stream`: a push server in C. Started by it where Debian's package is installed.

It takes an event by POST, keeps the last few in memory, frames each once for every subscriber and writes it to all. It
numbers messages and would replay those few; it has no log behind it, and what it keeps is gone with the process.
"""

import contextlib
import http.client
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
from benchmarks.stream_servers import free_port, padded, started

MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
FRAME_BYTES = len("id: 1763885000:0\ndata: \n\n")
CONFIGURATION = """
load_module {module};
daemon off;
master_process off;
pid {folder}/pid;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location /publish {{ nchan_publisher; nchan_channel_id run; nchan_message_buffer_length 10; }}
    location /events {{ nchan_subscriber eventsource; nchan_channel_id run; nchan_subscriber_first_message newest; }}
  }}
}}
"""


class Nchan:
    """nginx as one process, without its master."""

    path = "/events"

    def __init__(self, process: psutil.Process, port: int) -> None:
        self.process, self.port = process, port
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def publish(self, number: int) -> None:
        """Post an event."""
        self._connection.request("POST", "/publish", padded(number, FRAME_BYTES))
        self._connection.getresponse().read()

    def query(self) -> str:
        """Ask for nothing in particular."""
        return ""

    def hears(self, viewers: int) -> bool:
        """Say yes: who is answered hears."""
        return viewers >= 0

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@contextlib.contextmanager
def nchan() -> Iterator[Nchan | None]:
    """Run it; give nothing where it is not installed."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None or not MODULE.exists():
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="trailerflow-") as folder:
        port = free_port()
        file = Path(folder, "nginx.conf")
        file.write_text(CONFIGURATION.format(module=MODULE, folder=folder, port=port))
        with started([program, "-e", "stderr", "-c", str(file)], port, {}) as process:
            source = Nchan(process, port)
            try:
                yield source
            finally:
                source.close()
                process.kill()  # asked to end, it frees something twice and says so
