"""Keys and blocks made by the openssl command."""

import subprocess

from . import processes


def run(*arguments, data=b"", directory=None):
    done = subprocess.run(
        ["openssl", *map(str, arguments)],
        input=data,
        capture_output=True,
        cwd=directory,
        env=processes.clean_environment(),
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class OpensslKey:
    """A private key file, and what the openssl command does with it."""

    def __init__(self, directory, bits):
        self.bits = bits
        self.path = directory / f"key-{bits}.pem"
        # More primes make a large key in a second instead of half a minute; its public half looks like any other.
        primes = ["-primes", "5"] if bits >= 8192 else []
        self.path.write_bytes(run("genrsa", "-traditional", *primes, bits))
        self.public_pem = run("rsa", "-in", self.path, "-RSAPublicKey_out")

    def open(self, block):
        return run("pkeyutl", "-decrypt", "-inkey", self.path, "-pkeyopt", "rsa_padding_mode:pkcs1", data=block)


def seal(directory, public_pem, message):
    """One block under a PKCS#1 PEM public key."""
    path = directory / "relay-key.pem"
    # pkeyutl reads SubjectPublicKeyInfo.
    path.write_bytes(run("rsa", "-RSAPublicKey_in", "-pubout", data=public_pem))
    return run(
        "pkeyutl", "-encrypt", "-pubin", "-inkey", path, "-pkeyopt", "rsa_padding_mode:pkcs1", data=message
    )
