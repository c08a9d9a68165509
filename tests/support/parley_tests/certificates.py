"""Throw-away certificates, made by the openssl command."""

import base64
import hashlib

from .openssl import run


class Certificate:
    """A self-signed ECDSA certificate for localhost; `certificate` and `key` are PEM files, `pin` is relay/1's form."""

    def __init__(self, directory, name="relay", days=2, subject_alternatives="DNS:localhost,IP:127.0.0.1"):
        self.certificate = directory / f"{name}-certificate.pem"
        self.key = directory / f"{name}-key.pem"
        run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", days,
            "-subj", "/CN=localhost", "-addext", f"subjectAltName={subject_alternatives}",
            "-keyout", self.key, "-out", self.certificate,
        )  # fmt: skip
        public = run("pkey", "-in", self.key, "-pubout", "-outform", "DER")
        self.pin = base64.urlsafe_b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")
