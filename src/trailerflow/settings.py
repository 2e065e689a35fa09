"""The settings, read from the environment: prefix `TRAILERFLOW_`, a misspelt one is an error at start."""

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from trailerflow.errors import Misconfigured

PREFIX = "TRAILERFLOW_"


class Settings(BaseSettings):
    """What an operator can set. An empty URL means the private, local default inside `data`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address the web process listens on; loopback only")
    port: int = Field(8000, ge=0, le=65535, description="port the web process listens on; 0: any free one")
    url: str = Field("", description="where the command line finds the service; empty: http://HOST:PORT")
    data: Path = Field(Path(".data"), description="folder for database, files and the private Redis")
    redis_url: str = Field("redis://127.0.0.1:6379/0", description="Redis, the bell between processes")
    database_url: str = Field("", description="sqlite:///FILE or postgresql://…; empty: SQLite in the data folder")
    storage_url: str = Field("", description="file:///FOLDER; empty: a folder in the data folder")
    lease_seconds: float = Field(30.0, gt=0, description="seconds a worker's claim lasts without renewal")
    max_runs_per_user: int = Field(3, ge=1, description="runs of one user that may be running at once")
    max_runs: int = Field(20, ge=1, description="runs that may be running at once in all")
    frame_height: int = Field(1080, ge=64, le=2160, description="pixels of the trailer's shorter side")
    loudness_lufs: float = Field(-14.0, ge=-31, le=-9, description="integrated loudness of the mix; broadcast has -23")

    provider_url: str = Field("", description="base URL of a provider of pictures and clips; empty: drawn here")
    provider_key: SecretStr = Field(SecretStr(""), description="the key that authorises its jobs")
    provider_model: str = Field("default", description="the provider's model, frozen for a shot at its first take")
    provider_skills: str = Field(
        "panel,clip",
        pattern=r"^(panel|clip|panel,clip|clip,panel)$",
        description="what is ordered there: panel, clip or both, with a comma between",
    )
    provider_submission: Literal["idempotent", "lookup_by_key", "neither"] = Field(
        "neither", description="what it offers when an answer is lost: idempotent, lookup_by_key or neither"
    )
    provider_concurrency: int = Field(4, ge=1, le=1000, description="jobs in work there at once, over all workers")
    provider_per_minute: int = Field(60, ge=1, description="jobs submitted there a minute, over all workers")
    provider_poll_seconds: float = Field(2.0, gt=0, description="seconds between two looks at a job")
    provider_timeout_seconds: float = Field(1800.0, gt=0, description="seconds after which a job is given up")
    provider_price: float = Field(0.0, ge=0, description="expected price of one job in USD, for the estimate")

    @model_validator(mode="after")
    def _make_data_absolute(self) -> Self:
        object.__setattr__(self, "data", self.data.expanduser().resolve())
        return self

    @property
    def database(self) -> str:
        """Return the database's URL, the local default filled in."""
        return self.database_url or f"sqlite:///{self.data / 'trailerflow.db'}"

    @property
    def storage(self) -> Path:
        """Return the folder of the files; only `file://` is known so far."""
        return Path(self.storage_url.removeprefix("file://")) if self.storage_url else self.data / "files"

    @property
    def outside_skills(self) -> list[str]:
        """Return what is ordered from the provider; nothing when there is none."""
        return self.provider_skills.split(",") if self.provider_url else []

    @property
    def service(self) -> str:
        """Return the address at which a client reaches the service."""
        return self.url.rstrip("/") or f"http://{self.host}:{self.port}"

    @classmethod
    def load(cls) -> Self:
        """Read the environment. Raises `Misconfigured` naming each wrong or unknown setting."""
        known = {PREFIX + name.upper() for name in cls.model_fields}
        unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
        if unknown:
            raise Misconfigured(
                "misconfigured",
                f"unknown setting {', '.join(unknown)}",
                remedy=f"known are {', '.join(sorted(known))}",
            )
        try:
            settings = cls()
        except ValidationError as error:
            wrong = "; ".join(f"{PREFIX}{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
            raise Misconfigured("misconfigured", f"wrong setting {wrong}", remedy="see README, Settings") from error
        if settings.storage_url and not settings.storage_url.startswith("file://"):
            raise Misconfigured("misconfigured", "TRAILERFLOW_STORAGE_URL must begin with file://", remedy="see README")
        return settings
