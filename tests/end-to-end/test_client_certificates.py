"""A relay that asks its clients for certificates: who has one that it knows is let in, the rest is told why not, and no
session of TLS leads around it."""

import signal
import socket
import ssl
import subprocess

import pytest

from parley_tests import processes
from parley_tests.certificates import Certificate
from parley_tests.programs import new_invite
from parley_tests.relay import as_toml
from parley_tests.s_client import SClient
from parley_tests.waiting import eventually


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    folder = tmp_path_factory.mktemp("authority")
    authority = Certificate(folder, name="authority", subject="authority")
    authority.alice, authority.bob = authority.issue("alice"), authority.issue("bob")
    return authority


@pytest.fixture
def rooms(start_rooms, authority, tmp_path):
    """`asks_for`: the file with the authorities."""
    asks_for = tmp_path / "authorities"
    asks_for.write_bytes(authority.certificate.read_bytes())
    rooms = start_rooms(relay_client_ca=asks_for)
    rooms.asks_for = asks_for
    return rooms


def tls_failures(rooms):
    return rooms.relay.metric("parley_leg_ends_total", protocol="relay", reason="tls-failed")


def test_who_has_a_certificate_is_let_in_and_nobody_else(rooms, authority):
    first = rooms.connect(own=authority.alice).hello("room")
    first.wait()
    second = rooms.connect(own=authority.bob).hello("room")
    for client in (first, second):
        client.pair()
    rooms.assert_pairs_talk((first, second))

    stranger = rooms.connect()  # TLS 1.3: the client is done before the relay has judged
    with pytest.raises((ssl.SSLError, ConnectionError)) as refused:
        stranger.hello("room").wait()
    assert "certificate required" in str(refused.value).lower().replace("_", " ")
    eventually(lambda: tls_failures(rooms) == 1, "counted")
    rooms.assert_pairs_talk((first, second))


def parley(rooms, *arguments, of=None):
    own = ["--client-cert", of[0], "--client-key", of[1]] if of else []
    command = [processes.program("parley"), *arguments, "--pin", "sha256:" + rooms.pin, *own]
    return processes.run([*map(str, command)], input="")


def refused(status, *words, of):
    assert of.returncode == status, of.stderr
    lines = [line for line in of.stderr.splitlines() if not line.startswith("parley: this is to be sent: ")]
    assert len(lines) == 1 and lines[0].startswith("parley: "), of.stderr
    for word in words:
        assert word in lines[0]


def test_what_parley_says(rooms, authority, tmp_path):
    relay = "%s:%d" % rooms.address
    done = parley(rooms, "check", relay, of=authority.alice)
    assert done.returncode == 0, done.stderr

    refused(4, "only clients with a certificate", "--client-cert", of=parley(rooms, "check", relay))
    stranger = Certificate(tmp_path, name="stranger", subject="stranger").issue("eve")
    refused(4, "does not know who issued it", of=parley(rooms, "check", relay, of=stranger))
    refused(4, "not one for clients", of=parley(rooms, "check", relay, of=authority.issue("server", usage="serverAuth")))
    invite = tmp_path / "invite"
    invite.write_text(new_invite(rooms.pin)(rooms.address))
    for command in (["chat"], ["pipe"], ["send", str(invite)], ["receive", "--into", str(tmp_path)]):
        refused(4, "only clients with a certificate", of=parley(rooms, *command, "--invite-file", invite))

    certificate, key = authority.alice
    refused(2, "go together", of=parley(rooms, "check", relay, "--client-cert", certificate))
    refused(2, "no-such-file: No such file", of=parley(rooms, "check", relay, of=("no-such-file", key)))
    refused(2, "is not that of", of=parley(rooms, "check", relay, of=(certificate, authority.bob[1])))
    other_kind = tmp_path / "rsa"
    subprocess.run(["openssl", "genrsa", "-out", other_kind, "2048"], check=True, capture_output=True)
    refused(2, "is not that of", of=parley(rooms, "check", relay, of=(certificate, other_kind)))
    encrypted = tmp_path / "encrypted"
    subprocess.run(["openssl", "ec", "-in", key, "-aes128", "-passout", "pass:x", "-out", encrypted], check=True)
    refused(2, "not encrypted", of=parley(rooms, "check", relay, of=(certificate, encrypted)))


def test_a_relay_that_is_not_the_right_one_does_not_see_it(authority, tmp_path):
    """Nor does the client take the handshake for done, and say more."""
    other = Certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(other.certificate, other.key)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["relay/1"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [processes.program("parley"), "check", "localhost:%d" % listener.getsockname()[1]]
        certificate, key = authority.alice
        own = ["--client-cert", certificate, "--client-key", key, "--pin", "sha256:" + "A" * 43]
        process = processes.start([*map(str, [*command, *own])], stderr=-1)
        with listener.accept()[0] as connection, pytest.raises(ssl.SSLError) as why:
            context.wrap_socket(connection, server_side=True)
        assert "alert" in str(why.value).lower()
        assert b"not the one that the pin names" in process.stderr.read()
        assert process.wait(60) == 3


HELLO = b'\x01\x00\x00\x0f{"room":"tls1"}'


def test_what_openssl_sees(rooms, authority, clients, tmp_path):
    certificate, key = authority.alice
    session = tmp_path / "session"
    clients.append(known := SClient(rooms.address, "-cert", certificate, "-key", key, "-sess_out", session))
    known.send(HELLO)
    known.shows(b'"expires_s"', b"Acceptable client certificate CA names", b"authority")
    assert b"New Session Ticket" not in known.output and not session.exists()
    clients.append(unknown := SClient(rooms.address))
    unknown.send(HELLO)
    unknown.shows(b"alert certificate required")


def test_a_ticket_from_before_does_not_lead_around_it(start_rooms, authority, clients, tmp_path):
    """The relay asked for nothing when it gave the ticket."""
    config = tmp_path / "parley.toml"
    config.write_text("")
    rooms = start_rooms(config=config)
    session = tmp_path / "session"
    clients.append(before := SClient(rooms.address, "-sess_out", session))
    before.shows(b"New Session Ticket arrived")
    before.wait_for_session(session)
    clients.append(again := SClient(rooms.address, "-sess_in", session))
    again.shows(b"Reused, TLSv1.3")
    config.write_text(f"relay-client-ca = {as_toml(authority.certificate)}\n")
    rooms.relay.signal(signal.SIGHUP)
    eventually(lambda: rooms.relay.log_lines("reloaded", "relay-client-ca"), "reloaded")
    clients.append(now := SClient(rooms.address, "-sess_in", session))
    now.shows(b"alert certificate required", b"New, TLSv1.3")


def test_a_reload_changes_who_is_let_in(rooms, authority, tmp_path):
    waiting = rooms.connect(own=authority.alice).hello("room")
    waiting.wait()
    other = Certificate(tmp_path, name="other", subject="other")
    carol = other.issue("carol")
    rooms.asks_for.write_bytes(other.certificate.read_bytes())
    rooms.relay.signal(signal.SIGHUP)
    eventually(lambda: rooms.relay.log_lines("reloaded"), "reloaded")
    partner = rooms.connect(own=carol).hello("room")
    assert waiting.pair()["role"] == "first"  # who was there stays
    assert partner.pair()["role"] == "second"
    refused(4, "does not know who", of=parley(rooms, "check", "%s:%d" % rooms.address, of=authority.bob))

    rooms.asks_for.write_text("no certificate")
    rooms.relay.signal(signal.SIGHUP)
    eventually(lambda: rooms.relay.log_lines("reload failed", "relay-client-ca"), "said so")
    late = rooms.connect(own=carol).hello("another")
    late.wait()
