"""What Prometheus reads: runs, tasks, viewers, the relay. Asked by `operations`; counts nothing itself twice."""

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from trailerflow.bootstrap import Studio
from trailerflow.engine.service import count_runs
from trailerflow.engine.tasks import count_queued
from trailerflow.web.relay import Relay

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics(Collector):
    """The metrics of one web process; the numbers of the database are those of the whole service."""

    def __init__(self, *, studio: Studio, relay: Relay) -> None:
        self._studio = studio
        self._relay = relay
        self._runs: dict[str, int] = {}
        self._tasks_queued = 0
        self._registry = CollectorRegistry()
        self._registry.register(self)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)

    async def expose(self) -> bytes:
        """Return everything in Prometheus' text format."""
        async with self._studio.database.read() as session:
            self._runs = await count_runs(session)
            self._tasks_queued = await count_queued(session)
        return generate_latest(self._registry)

    def collect(self) -> list[GaugeMetricFamily | CounterMetricFamily]:
        """Return what was counted; called by the registry."""
        relay = self._relay
        runs = GaugeMetricFamily("trailerflow_runs", "Runs by status.", labels=["status"])
        for status, count in sorted(self._runs.items()):
            runs.add_metric([status], count)
        return [
            runs,
            GaugeMetricFamily("trailerflow_tasks_queued", "Tasks waiting for a worker.", self._tasks_queued),
            GaugeMetricFamily("trailerflow_viewers", "Open streams and long polls.", relay.viewers),
            GaugeMetricFamily("trailerflow_bell_heard", "1 while Redis can be heard.", int(relay.is_hearing)),
            CounterMetricFamily("trailerflow_relay_events", "Events read from the logs.", relay.events_read),
            CounterMetricFamily("trailerflow_relay_ticks_dropped", "Ticks of no step in work.", relay.ticks_dropped),
            CounterMetricFamily("trailerflow_viewers_closed", "Viewers closed as too slow.", relay.viewers_closed),
        ]
