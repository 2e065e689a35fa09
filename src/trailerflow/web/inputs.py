"""What a request brings: query, JSON body, uploaded screenplay; bounded while it is read, checked, never trusted.

Called by the endpoints. Raises `TooLarge` as soon as a byte too many arrives and `Invalid` naming the field.
"""

import re
import unicodedata
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from trailerflow.errors import Invalid, TooLarge
from trailerflow.film import decoding
from trailerflow.web.state import AppRequest

Model = TypeVar("Model", bound=BaseModel)

SCRIPT_BYTES = decoding.MAX_BYTES
FRAMING_BYTES = 64 << 10
JSON_BYTES = 256 << 10
SCRIPT_RULE = ("a screenplay may have 10 MB", "a screenplay is text: export it as Fountain, without pictures")
JSON_RULE = ("a JSON body may have 256 kB", "send no more than the fields that GET /openapi.json lists")
TITLE_CHARACTERS = 200
NAME_CHARACTERS = 120
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded screenplay and the name it came under."""

    script: bytes
    filename: str
    title: str


def query_of(request: AppRequest, model: type[Model]) -> Model:
    """Return the query's parameters; unknown ones are passed over. Raises `Invalid`."""
    known = {name: value for name, value in request.query_params.items() if name in model.model_fields}
    try:
        return model.model_validate(known)
    except ValidationError as error:
        raise _invalid(error) from error


async def body_of(request: AppRequest, model: type[Model]) -> Model:
    """Return the JSON body; an empty one is an empty object. Raises `Invalid`, `TooLarge`."""
    body = b"".join([chunk async for chunk in _bounded(request, JSON_BYTES, JSON_RULE)])
    try:
        return model.model_validate_json(body.strip() or b"{}")
    except ValidationError as error:
        raise _invalid(error) from error


async def script_of(request: AppRequest) -> Upload:
    """Return the uploaded screenplay. Raises `Invalid`, `TooLarge`."""
    if not request.headers.get("content-type", "").lower().startswith(MULTIPART):
        raise _no_file(f"send {MULTIPART} with the screenplay as the file `script`")
    chunks = _bounded(request, SCRIPT_BYTES + FRAMING_BYTES, SCRIPT_RULE)
    parser = MultiPartParser(Headers(raw=request.headers.raw), chunks, max_files=1, max_fields=4, max_part_size=8192)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise _no_file("send one file, `script`, and at most a title", error.message) from error
    finally:
        await chunks.aclose()
    script, title = form.get("script"), form.get("title")
    try:
        if not isinstance(script, UploadFile):
            raise _no_file("send the screenplay as the file `script`")
        if (script.size or 0) > SCRIPT_BYTES:
            raise _too_large(SCRIPT_RULE)
        return Upload(await script.read(), filename_of(script.filename or ""), clean(title, TITLE_CHARACTERS))
    finally:
        await form.close()


def filename_of(name: str) -> str:
    """Return the bare, printable name of an uploaded file."""
    bare = PurePosixPath(name.replace("\\", "/")).name
    stem, dot, ending = clean(bare, len(bare)).rpartition(".")
    short = (
        f"{stem[: NAME_CHARACTERS - len(ending)]}{dot}{ending}" if len(ending) < 12 else clean(bare, NAME_CHARACTERS)
    )
    return short or "script"


def clean(text: object, most: int) -> str:
    """Return text without control characters and runs of space, cut to a length."""
    if not isinstance(text, str):
        return ""
    visible = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") else sign for sign in text)
    return re.sub(r"\s+", " ", visible).strip()[:most].rstrip()


async def _bounded(request: AppRequest, most: int, rule: tuple[str, str]) -> AsyncGenerator[bytes, None]:
    """Yield the body's chunks; what Content-Length says is believed only when it says too much."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise _too_large(rule)
    read = 0
    try:
        async for chunk in request.stream():
            read += len(chunk)
            if read > most:
                raise _too_large(rule)
            yield chunk
    except ClientDisconnect as gone:
        raise Invalid("invalid", "the body ended before it was complete", remedy="send it again") from gone


def _too_large(rule: tuple[str, str]) -> TooLarge:
    message, remedy = rule
    return TooLarge("too_large", message, remedy=remedy)


def _no_file(remedy: str, detail: str = "") -> Invalid:
    message = f"no screenplay arrived{': ' if detail else ''}{detail}"
    return Invalid("invalid", message, remedy=remedy, extra={"field": "script"})


def _invalid(error: ValidationError) -> Invalid:
    found: list[dict[str, Any]] = [
        {"field": ".".join(map(str, one["loc"])), "message": one["msg"].removeprefix("Value error, ")}
        for one in error.errors(include_url=False, include_context=False, include_input=False)[:20]
    ]
    first = found[0]
    where = f"{first['field']}: " if first["field"] else ""
    return Invalid(
        "invalid",
        f"{where}{first['message']}",
        remedy="GET /openapi.json describes what is allowed",
        extra={"field": first["field"], "errors": found},
    )
