"""A SoftHSM token for the tests, one in a process: the module reads where its tokens are when it is first loaded, and never again."""

import atexit
import os
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests import issuing, sealing

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")
TOKEN, LOCKED, PIN = "parchemin", "locked", "5678"
"""Nobody ever logs in to the second token: keys of one token share their login."""


@cache
def module() -> Path:
    """The library of the module, whose token holds the seal's keys of both authorities of the tests: `seal` and `issuing`."""
    command = sealing.tool("softhsm2-util", "softhsm2")
    folder = Path(mkdtemp(prefix="parchemin-softhsm-"))
    atexit.register(shutil.rmtree, folder)
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    for token in (TOKEN, LOCKED):
        sealing.run(command, "--init-token", "--free", "--label", token, "--pin", PIN, "--so-pin", "8765")
    keys = {"seal": sealing.authority(), "issuing": issuing.authority()}
    for number, (label, authority) in enumerate(keys.items(), 1):
        path = _written(folder / f"{label}.pem", authority.issued_seals[0].key.private_key)
        done = sealing.run(command, "--import", path, "--token", TOKEN, "--label", label, "--id", f"0{number}", "--pin", PIN)
        assert done.returncode == 0, done.stderr
    return next(path for path in map(Path, LIBRARIES) if path.exists())


def _written(path: Path, key: RSAPrivateKey) -> Path:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path
