"""The command that makes and checks manifests of trusted documents: it needs the families that are installed, and no register."""

import argparse
import json
import sys
from pathlib import Path

from resolvers.schema import Schema, deployed
from server.graph.manifest import ManifestRefused, check_document, digest_of, manifest_of, read_manifest


def documents(given: argparse.Namespace) -> int:
    """Prints the manifest of documents (`.graphql`) and of manifests (`.json`); 1 when one is not valid on this deployment's schema."""
    schema = deployed()
    try:
        texts = {digest: text for file in given.files for digest, text in _texts(file, schema).items()}
    except ManifestRefused as refused:
        print(f"Refusé : {refused}", file=sys.stderr)
        return 1
    print(json.dumps(manifest_of(texts), ensure_ascii=False, indent=2))
    return 0


def _texts(file: Path, schema: Schema) -> dict[str, str]:
    if file.suffix == ".json":
        return read_manifest(file, schema)
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise ManifestRefused(f"{file}: this file cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ManifestRefused(f"{file}: a document is text in UTF-8") from error
    check_document(str(file), text, schema)
    return {digest_of(text): text}
