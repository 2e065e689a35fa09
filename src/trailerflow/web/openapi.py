"""The API described by itself: an OpenAPI 3.1 document built from the table of calls. Called by `router`, once."""

import json
import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from trailerflow.engine.status import WorkflowStatus
from trailerflow.web import problems
from trailerflow.web.call import Call
from trailerflow.web.schemas import EventData, Problem, TickData

Json = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
PARAMETERS = {
    "project_id": {"type": "integer", "minimum": 1},
    "name": {"type": "string"},
    "scene": {"type": "integer", "minimum": 0},
}
TAGS = {
    "projects": "Screenplays and what is made from them.",
    "edits": "A person's hand.",
    "artifacts": "Files.",
    "workflow": "Runs.",
    "stream": "Everyone watches.",
    "operations": "For operators.",
}
EVERYWHERE = (403, 500)
"""Statuses that any call may answer with: a stranger's host or origin; something broke."""


def document(calls: Sequence[Call]) -> bytes:
    """Return the whole document as JSON."""
    described: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "trailerflow",
            "version": version("trailerflow"),
            "summary": "A screenplay goes in, a trailer comes out, and everyone watches it being made.",
        },
        "tags": [{"name": name, "description": words} for name, words in TAGS.items()],
        "paths": _paths(calls),
        "components": {"schemas": _schemas(calls)},
    }
    return json.dumps(described, ensure_ascii=False).encode()


def _paths(calls: Iterable[Call]) -> Json:
    paths: Json = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    paths["/openapi.json"] = {
        "get": {
            "operationId": "openapi",
            "tags": ["operations"],
            "summary": "Describe the API.",
            "responses": {"200": {"description": "This document.", "content": {"application/json": {"schema": {}}}}},
        }
    }
    return paths


def _operation(call: Call) -> Json:
    operation: Json = {"operationId": call.name, "tags": [call.tag], "summary": call.summary}
    if call.description:
        operation["description"] = call.description
    parameters = [*_in_path(call), *_in_query(call), *_in_headers(call)]
    if parameters:
        operation["parameters"] = parameters
    if call.upload:
        operation["requestBody"] = _upload()
    elif call.body is not None:
        is_optional = not any(field.is_required() for field in call.body.model_fields.values())
        operation["requestBody"] = {"required": not is_optional, "content": _json(call.body)}
    operation["responses"] = _responses(call)
    return operation


def _in_path(call: Call) -> list[Json]:
    names = re.findall(r"\{(\w+)\}", call.path)
    return [{"name": name, "in": "path", "required": True, "schema": PARAMETERS[name]} for name in names]


def _in_query(call: Call) -> list[Json]:
    if call.query is None:
        return []
    properties = call.query.model_json_schema()["properties"]
    parameters = []
    for name, schema in properties.items():
        words = schema.pop("description", "")
        parameters.append({"name": name, "in": "query", "required": False, "description": words, "schema": schema})
    return parameters


def _in_headers(call: Call) -> list[Json]:
    return [
        {"name": name, "in": "header", "required": False, "description": words, "schema": {"type": "string"}}
        for name, words in call.headers.items()
    ]


def _upload() -> Json:
    properties = {
        "script": {"type": "string", "format": "binary", "description": "the screenplay, at most 10 MB"},
        "title": {
            "type": "string",
            "maxLength": 200,
            "description": "else the script's own title, else the file's name",
        },
    }
    schema = {"type": "object", "required": ["script"], "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _responses(call: Call) -> Json:
    responses: Json = {str(call.status): {"description": HTTPStatus(call.status).phrase, **_content(call)}}
    for status, words in call.also.items():
        responses[str(status)] = {"description": words, **({} if status == HTTPStatus.NOT_MODIFIED else _content(call))}
    for status in sorted({*call.problems, *EVERYWHERE}):
        responses[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}},
        }
    return responses


def _content(call: Call) -> Json:
    if call.answer is None:
        return {}
    if not isinstance(call.answer, str):
        return {"content": _json(call.answer)}
    is_file = call.answer == "*/*"
    schema: Json = {"type": "string", "format": "binary"} if is_file else {"type": "string"}
    if call.answer == "text/event-stream":
        kinds = {"snapshot": "WorkflowStatus", "event": "EventData", "tick": "TickData"}
        schema["x-events"] = {kind: {"$ref": REFERENCE.format(model=model)} for kind, model in kinds.items()}
    return {"content": {call.answer: {"schema": schema}}}


def _json(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}}


def _schemas(calls: Iterable[Call]) -> Json:
    sent: set[type[BaseModel]] = {Problem, EventData, TickData, WorkflowStatus}
    taken: set[type[BaseModel]] = set()
    for call in calls:
        if call.answer is not None and not isinstance(call.answer, str):
            sent.add(call.answer)
        if call.body is not None:
            taken.add(call.body)
    asked: list[Any] = [(model, "serialization") for model in sorted(sent, key=lambda model: model.__name__)]
    asked += [(model, "validation") for model in sorted(taken, key=lambda model: model.__name__)]
    _, definitions = models_json_schema(asked, ref_template=REFERENCE)
    schemas: Json = definitions["$defs"]
    return schemas
