"""Cut the endpoints that the emulator serves out of GitHub's OpenAPI description, which has 13 MB.

npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
uv run python tests/github/extract_openapi.py package/generated/api.github.com.json

Writes openapi.json beside this file: for each endpoint its parameters, and its answers as JSON Schema.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SOURCE = "@octokit/openapi 23.0.2, generated/api.github.com.json"
ENDPOINTS = (
    "/repos/{owner}/{repo}/actions/runs",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts",
    "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}",
)
PROSE = frozenset({"description", "example", "examples", "externalDocs", "title", "deprecated"})


def resolve(node: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` points to."""
    while "$ref" in node:
        found: Any = description
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def as_json_schema(node: Any, description: dict[str, Any], is_name: bool = False) -> Any:
    """A schema without references and prose, in which `nullable` is said as JSON Schema says it."""
    if isinstance(node, list):
        return [as_json_schema(item, description) for item in node]
    if not isinstance(node, dict):
        return node
    if not is_name:
        node = resolve(node, description)
    schema = {
        key: as_json_schema(value, description, is_name=key == "properties" and not is_name)
        for key, value in node.items()
        if is_name or (key not in PROSE and key != "nullable")
    }
    return {"anyOf": [schema, {"type": "null"}]} if not is_name and node.get("nullable") else schema


def extract(description: dict[str, Any]) -> dict[str, Any]:
    """The part of the description that is kept."""
    endpoints = {}
    for path in ENDPOINTS:
        get = description["paths"][path]["get"]
        parameters = [resolve(item, description) for item in get["parameters"]]
        answers = {status: resolve(item, description) for status, item in get["responses"].items()}
        endpoints[path] = {
            "parameters": {
                item["name"]: {"in": item["in"], "schema": as_json_schema(item["schema"], description)}
                for item in parameters
            },
            "answers": {
                status: as_json_schema(
                    item.get("content", {}).get("application/json", {}).get("schema", {}), description
                )
                for status, item in answers.items()
            },
        }
    return {"source": SOURCE, "endpoints": endpoints}


def main() -> None:
    """Write openapi.json from the description named on the command line."""
    description = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    target = Path(__file__).with_name("openapi.json")
    target.write_text(json.dumps(extract(description), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
