"""Small pieces of an OpenAPI description, from which the operations' own are put together."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
DATE: dict[str, Any] = {"type": "string", "format": "date"}
NUMBER: dict[str, Any] = {"type": "number"}
WHOLE: dict[str, Any] = {"type": "integer"}
YES_OR_NO: dict[str, Any] = {"type": "boolean"}
NULL: dict[str, Any] = {"type": "null"}


def object_of(properties: dict[str, Any], *, optional: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """An object whose properties are all there but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, **more}


def ref(name: str) -> dict[str, str]:
    """A schema among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What may also be null."""
    return {"anyOf": [schema, NULL]}


def list_of(schema: dict[str, Any]) -> dict[str, Any]:
    """An array."""
    return {"type": "array", "items": schema}


def answered(description: str, media: dict[str, Any]) -> dict[str, Any]:
    """A response with content."""
    return {"description": description, "content": media}


def problem(description: str) -> dict[str, Any]:
    """An error response, problem+json."""
    return answered(description, {"application/problem+json": {"schema": ref("Problem")}})


def parameter(name: str, description: str, example: object, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """A parameter of the address."""
    schema = schema or TEXT
    return {"in": "query", "name": name, "description": description, "example": example, "schema": schema}


UNAVAILABLE = problem("No dataset or database to answer from.")
