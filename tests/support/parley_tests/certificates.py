"""Throw-away certificates, made by the openssl command."""

import base64
import hashlib

from .openssl import run


class Certificate:
    """A self-signed ECDSA certificate for localhost; `certificate` and `key` are PEM files, `pin` is relay/1's form."""

    def __init__(
        self, directory, name="relay", days=2, subject_alternatives="DNS:localhost,IP:127.0.0.1", subject="localhost"
    ):
        self.certificate = directory / f"{name}-certificate.pem"
        self.key = directory / f"{name}-key.pem"
        run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", days,
            "-subj", f"/CN={subject}", "-addext", f"subjectAltName={subject_alternatives}",
            "-keyout", self.key, "-out", self.certificate,
        )  # fmt: skip
        public = run("pkey", "-in", self.key, "-pubout", "-outform", "DER")
        self.pin = base64.urlsafe_b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")

    def issue(self, name, days=2, usage="clientAuth"):
        """(certificate, key): files of one that this one vouches for. The default is a client's."""
        folder = self.certificate.parent
        certificate, key = folder / f"{name}-certificate.pem", folder / f"{name}-key.pem"
        request, extensions = folder / f"{name}-request", folder / f"{name}-extensions"
        extensions.write_text(f"basicConstraints=CA:false\nextendedKeyUsage={usage}\n")
        run(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", f"/CN={name}", "-keyout", key, "-out", request,
        )  # fmt: skip
        run(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
            "-days", days, "-extfile", extensions, "-out", certificate,
        )  # fmt: skip
        return certificate, key

    def renew(self, days=30):
        """Replaces it by another with the same key."""
        run(
            "req", "-x509", "-key", self.key, "-days", days, "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", self.certificate,
        )  # fmt: skip

    def expire(self):
        """Replaces it by one with the same key that was good in 2020."""
        folder = self.certificate.parent
        (folder / "index").touch()
        (folder / "serial").write_text("01\n")
        (folder / "request").write_bytes(run("req", "-new", "-key", self.key, "-subj", "/CN=localhost"))
        (folder / "config").write_text(
            "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\n"
            "default_md=sha256\npolicy=any\nx509_extensions=names\n[any]\ncommonName=supplied\n"
            "[names]\nsubjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:true\n"
        )
        run(
            "ca", "-batch", "-selfsign", "-notext", "-config", folder / "config", "-keyfile", self.key,
            "-startdate", "20200101000000Z", "-enddate", "20200201000000Z",
            "-in", folder / "request", "-out", self.certificate, directory=folder,
        )  # fmt: skip
