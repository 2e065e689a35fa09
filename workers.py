"""arq's entry point in a checkout: `arq workers.WorkerSettings`, `arq workers.RenderSettings`. It only names them."""

from trailerflow.workers import RenderSettings, WorkerSettings

__all__ = ["RenderSettings", "WorkerSettings"]
