"""Download artifacts of this run as actions/download-artifact does: list, get the address, unzip."""

import base64
import fnmatch
import io
import json
import os
import sys
import urllib.request
import zipfile
from pathlib import Path

SERVICE = "twirp/github.actions.results.api.v1.ArtifactService"


def main():
    name, pattern = os.environ["ARTIFACT_NAME"], os.environ["ARTIFACT_PATTERN"]
    if os.environ["ARTIFACT_RUN"]:
        sys.exit("this double has no artifacts of other runs")
    job, run = scopes(os.environ["ACTIONS_RUNTIME_TOKEN"])
    identity = {"workflowRunBackendId": run, "workflowJobRunBackendId": job}
    known = [item["name"] for item in call("ListArtifacts", identity).get("artifacts", [])]
    wanted = [item for item in known if item == name or (pattern and fnmatch.fnmatch(item, pattern))]
    if name and not wanted:
        sys.exit(f"Artifact not found for name: {name}")
    target = Path(os.environ["ARTIFACT_PATH"])
    target.mkdir(parents=True, exist_ok=True)
    for item in wanted:
        address = call("GetSignedArtifactURL", identity | {"name": item})["signedUrl"]
        with urllib.request.urlopen(address) as response:
            archive = zipfile.ZipFile(io.BytesIO(response.read()))
        together = name or os.environ["ARTIFACT_MERGE"] == "true"
        archive.extractall(target if together else target / item)
    sys.stdout.write(f"downloaded {len(wanted)} artifacts\n")


def scopes(token):
    """The ids of job and run, which the real action reads from the token as well."""
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    found = next(item for item in claims["scp"].split() if item.startswith("Actions.Results:"))
    run, job = found.split(":")[1:]
    return job, run


def call(method, body):
    request = urllib.request.Request(
        f"{os.environ['ACTIONS_RESULTS_URL'].rstrip('/')}/{SERVICE}/{method}",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['ACTIONS_RUNTIME_TOKEN']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


main()
