"""The base of every value that is stored, digested or sent between rooms. Called by all of `film`."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen value read back through its declared type; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class File(Record):
    """A file addressed by the SHA-256 of its content; `name` ends in the file's extension."""

    name: str
    sha256: str
    media_type: str
    bytes: int
