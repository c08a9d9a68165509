"""A relay's name: with several addresses, of which only the last leads to a relay, which is reached as soon as if it
were the only one; and written in several ways."""

import contextlib
import json
import socket
import threading

import pytest

from parley_tests import processes
from parley_tests.certificates import Certificate
from parley_tests.lying_relay import LyingRelay
from parley_tests.ports import lasting_port
from parley_tests.programs import Program
from parley_tests.waiting import eventually

NAME = "relay.parley.test"
HOST = "127.0.0.2"  # where the relay is: the system's resolver puts 127.0.0.1 and ::1 in front of it


class Stranger:
    """What listens at the first address, and is no relay."""

    def __init__(self, address, how):
        self.met = 0
        self._how = how
        self._open = contextlib.ExitStack()
        if how == "refuses":
            return
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._socket = self._open.enter_context(socket.socket(family))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(address)
        self._socket.listen(0 if how == "is a black hole" else 64)
        if how == "is a black hole":  # its queue is full: SYN goes unanswered
            for _ in range(4):
                waiting = self._open.enter_context(socket.socket(family))
                waiting.setblocking(False)
                waiting.connect_ex(address)
        else:
            threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.met += 1
                if self._how == "closes":
                    connection.close()
                    continue
                self._open.enter_context(connection)
                if self._how == "is another server":
                    connection.sendall(b"SSH-2.0-stranger\r\n")

    def close(self):
        with contextlib.suppress(AttributeError, OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._open.close()


KINDS = ("is silent", "closes", "is a black hole", "refuses", "is another server")


@pytest.fixture
def stranger(clients):
    def start(address, how):
        started = Stranger(address, how)
        clients.append(started)
        return started

    return start


@pytest.fixture
def named(tmp_path):
    """What starts a program where NAME has these addresses."""

    def launcher(*addresses, name=NAME):
        hosts = tmp_path / "hosts"
        hosts.write_text("".join(f"{address} {name}\n" for address in addresses))
        launch = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts)]
        if processes.run([*launch, "true"]).returncode != 0:
            pytest.skip("mount namespaces are not permitted here")
        return launch

    return launcher


@pytest.fixture
def relay(clients):
    started = LyingRelay(port=lasting_port(), host=HOST).start()  # that is free at the other addresses, too
    clients.append(started)
    return started


def check(relay, launcher, *arguments):
    command = [processes.program("parley"), "check", f"{NAME}:{relay.port}", "--json", "--timeout", "60s", *arguments]
    done = processes.run([*launcher, *command], input="")
    return done.returncode, json.loads(done.stdout)


@pytest.mark.needs_root
@pytest.mark.parametrize("first", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("how", KINDS)
def test_the_second_is_reached_within_a_second(relay, named, stranger, how, first):
    stranger((first, relay.port), how)
    status, report = check(relay, named(first, HOST), "--pin", "sha256:" + relay.pin)
    assert status == 0, report
    assert report["address"] == relay.endpoint
    assert report["tcp_ms"] + report["tls_ms"] < 1000, report


@pytest.mark.needs_root
def test_a_relay_that_is_not_trusted_gives_way_to_one_that_is(relay, named, clients, tmp_path):
    other = LyingRelay(port=relay.port, host="127.0.0.1").start()
    clients.append(other)
    where = named("127.0.0.1", HOST)
    status, report = check(relay, where, "--pin", "sha256:" + relay.pin)
    assert (status, report.get("address")) == (0, relay.endpoint), report
    status, report = check(relay, where, "--pin", "sha256:" + "A" * 43)
    assert status == 3
    for address in ("127.0.0.1", HOST):
        assert f"{NAME}:{relay.port} at {address} is not the one that the pin names" in report["error"]


@pytest.mark.needs_root
@pytest.mark.parametrize("how", ["is silent", "is another server"])
def test_when_none_is_a_relay_each_is_named(named, stranger, how):
    port = lasting_port()
    stranger(("127.0.0.1", port), how)
    command = [processes.program("parley"), "check", f"{NAME}:{port}", "--timeout", "2s"]
    done = processes.run([*named("127.0.0.1", HOST), *command], input="")
    assert done.returncode == 3
    what = "did not answer" if how == "is silent" else "does not speak TLS"
    assert f"{NAME}:{port} at 127.0.0.1" in done.stderr and what in done.stderr
    assert f"{HOST}:{port}: Connection refused" in done.stderr


@pytest.mark.needs_root
def test_where_it_was_reached_is_tried_first_when_connecting_again(relay, named, stranger, clients, tmp_path):
    first = stranger(("127.0.0.1", relay.port), "is silent")
    where = named("127.0.0.1", HOST)
    options = ("--room", "several", "--relay", f"{NAME}:{relay.port}", "--pin", "sha256:" + relay.pin)
    both = [Program("pipe", *options, directory=tmp_path, launcher=where) for _ in range(2)]
    clients.extend(both)
    a, b = both
    a.type("before")
    b.hears("before\n")
    assert first.met == 2
    for number in range(2):
        relay.command("cut")
        a.type(f"after {number}")
        b.hears(f"after {number}\n")
    for program in both:
        program.finish_input()
    assert [program.exit_status() for program in both] == [0, 0]
    assert first.met == 2


@pytest.mark.needs_root
@pytest.mark.parametrize("how", KINDS)
def test_a_classic_relay(start_relay, named, stranger, clients, how):
    relay = start_relay(classic_listen=f"{HOST}:{lasting_port()}").relay
    host, port = relay.classic
    stranger(("127.0.0.1", port), how)
    where = named("127.0.0.1", host)
    command = ("classic", "--timeout", "60s", f"{NAME}:{port}")
    a, b = (Program(*command, launcher=where) for _ in range(2))
    clients.extend((a, b))
    a.type("hello")
    b.hears("hello\n")
    b.type("there")
    a.hears("there\n")
    a.finish_input()
    assert (a.exit_status(), b.exit_status()) == (0, 0), a.errors() + b.errors()
    eventually(lambda: relay.metric("parley_connections") == 0, "nobody else is left there")


@pytest.mark.needs_root
def test_no_classic_relay_anywhere(named):
    port = lasting_port()
    with socket.create_server((HOST, port)):
        command = [processes.program("parley"), "classic", "--timeout", "2s", f"{NAME}:{port}"]
        done = processes.run([*named("127.0.0.1", HOST), *command], input="")
    assert done.returncode == 3
    assert f"{NAME}:{port} at {HOST} takes connections but sent no key in time" in done.stderr
    assert f"127.0.0.1:{port}: Connection refused" in done.stderr


@pytest.mark.needs_root
def test_a_full_stop_at_the_end(named, clients, tmp_path):
    """The resolver is asked for the name as it is written, and the certificate is for the name without it."""
    (tmp_path / "named").mkdir()
    relay = LyingRelay(directory=tmp_path / "named", host=HOST)
    relay.certificate = Certificate(tmp_path / "named", subject_alternatives=f"DNS:{NAME}")
    clients.append(relay.start())
    command = [processes.program("parley"), "check", f"{NAME}.:{relay.port}", "--json"]
    authority = str(relay.certificate.certificate)
    done = processes.run([*named(HOST, name=f"{NAME}."), *command, "--ca", authority], input="")
    assert json.loads(done.stdout).get("relay") == f"{NAME}:{relay.port}", done.stdout
