"""Whatever there is too little of, parleyd starts, or says in one line what is missing and what to do. Should it run out of
memory in the midst of that, it may abort, but not without a word."""

import resource
import signal
import subprocess

import pytest

from parley_tests import processes
from parley_tests.memory import is_sanitized
from parley_tests.waiting import eventually

MIB = 1 << 20
FEW = {"descriptors": (resource.RLIMIT_NOFILE, range(3, 100, 4)), "memory": (resource.RLIMIT_AS, [*(n * 20 * MIB for n in range(2, 24)), 1024 * MIB, 4096 * MIB])}


def outcome(limit, value, tmp_path):
    """(status, standard error), or ("ready", …) when it serves."""
    command = [processes.program("parleyd"), "--classic-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
    command += ["--relay-listen", "127.0.0.1:0", "--self-signed", str(tmp_path / "identity"), "--classic-key-pool", "2"]

    def scarce():
        processes.as_from_a_terminal()
        resource.setrlimit(limit, (value, value))

    with subprocess.Popen(
        command, preexec_fn=scarce, env=processes.clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            text = b""
            while part := process.stdout.read1():
                text += part
                if text.endswith(b"ready\n"):
                    process.send_signal(signal.SIGTERM)
                    assert process.wait(60) in (0, 3)
                    return "ready", process.stderr.read().decode()
            return process.wait(60), process.stderr.read().decode()
        finally:
            process.kill()


@pytest.mark.skipif(is_sanitized(processes.program("parleyd")), reason="a sanitizer needs terabytes of addresses")
@pytest.mark.parametrize("what", FEW)
def test_too_little(what, tmp_path):
    limit, values = FEW[what]
    outcomes = {}
    for value in values:
        status, errors = outcome(limit, value, tmp_path)
        outcomes[status] = outcomes.get(status, 0) + 1
        print(value, status, errors[-300:])
        # Before main() it is the dynamic linker that speaks.
        if status == 127 or "error while loading shared libraries" in errors:
            continue
        if status == -signal.SIGABRT and what == "memory":
            assert any(word in errors for word in ("OpenSSL failed: ", "ended by a failure while serving")), errors
            continue
        assert status in ("ready", 1), f"{what} {value}: {status} {errors}"
        if status == 1:
            said = [line for line in errors.splitlines() if line.startswith("parleyd: ")]
            assert len(said) == 1 and ";" in said[0], f"{what} {value}: {errors}"
    assert outcomes.get("ready") and outcomes.get(1), outcomes


def test_a_lowered_connection_limit_is_said(start_relay):
    relay = start_relay(max_connections="5000", launcher=["prlimit", "--nofile=1000:1000", "--"])
    line = eventually(lambda: relay.log_lines("connection limit lowered"), "it is said")[0]
    fitted = int(relay.metric("parley_max_connections"))
    assert f"max_connections=5000 lowered_to={fitted} descriptors=1000" in line
    assert 100 < fitted < 1000
