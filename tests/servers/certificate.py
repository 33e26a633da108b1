"""A certificate authority of the tests, and a server certificate of it for `localhost` and 127.0.0.1."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

_DAYS = "30"
_NAMES = (
    "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"
    "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid,issuer\n"
)
# Python 3.13 checks strictly by RFC 5280 and wants an authority to say that it may sign.
_AUTHORITY = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")


@dataclass(frozen=True)
class Certificate:
    """Paths of PEM files: `ca` is what a client trusts; `cert` and `key` are the server's."""

    ca: Path
    cert: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> Certificate:
        """Made with the `openssl` program; any other name or address of loopback does not match it."""
        made = cls(folder / "ca.pem", folder / "server.pem", folder / "server.key")
        ca_key, request, names = folder / "ca.key", folder / "server.csr", folder / "server.ext"
        names.write_text(_NAMES)
        new = ["req", "-newkey", "rsa:2048", "-nodes"]
        _openssl(*new, "-x509", "-days", _DAYS, "-subj", "/CN=Test CA", *_AUTHORITY, "-keyout", ca_key, "-out", made.ca)
        _openssl(*new, "-subj", "/CN=localhost", "-keyout", made.key, "-out", request)
        signed_by = ["-CA", made.ca, "-CAkey", ca_key, "-CAcreateserial", "-days", _DAYS, "-extfile", names]
        _openssl("x509", "-req", "-in", request, *signed_by, "-out", made.cert)
        return made

    def server_context(self) -> ssl.SSLContext:
        """What a Python server needs to show this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
