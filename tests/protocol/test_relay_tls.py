"""relay/1's TLS as `openssl s_client` sees it: 1.3 with ALPN relay/1 or nothing, tickets, no early data, new keys; and
certificates that a reload replaces under a running connection."""

import shutil
import signal

import pytest

from parley_tests.frames import Type, frame
from parley_tests.s_client import SClient
from parley_tests.waiting import eventually

HELLO = b'\x01\x00\x00\x0f{"room":"tls1"}'


@pytest.fixture
def relay(start_relay, tmp_path):
    relay = start_relay(classic_listen="none", relay_listen="127.0.0.1:0", self_signed=tmp_path / "keys")
    relay.address = relay.address_of("relay")
    return relay


@pytest.fixture
def s_client(relay, clients):
    def start(*options, **named):
        clients.append(SClient(relay.address, *options, **named))
        return clients[-1]

    return start


@pytest.mark.parametrize("options", [["-tls1_2"], ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]])
def test_older_tls_is_refused(relay, s_client, options):
    s_client(*options).shows(b"alert protocol version")
    eventually(lambda: relay.metric("parley_leg_ends_total", protocol="relay", reason="tls-failed") == 1, "counted")


@pytest.mark.parametrize("alpn", [None, "h2", "relay/2,http/1.1"])
def test_without_its_alpn_the_handshake_fails(s_client, alpn):
    s_client(alpn=alpn).shows(b"alert no application protocol")


def test_tls_1_3_with_a_ticket_and_no_early_data(s_client):
    client = s_client()
    client.shows(b"Protocol  : TLSv1.3", b"ALPN protocol: relay/1", b"Post-Handshake New Session Ticket arrived")
    client.shows(b"Max Early Data: 0")


def test_a_ticket_resumes_tls(s_client, tmp_path):
    saved = tmp_path / "session"
    first = s_client("-sess_out", saved)
    first.shows(b"Post-Handshake New Session Ticket arrived")
    first.wait_for_session(saved)
    s_client("-sess_in", saved).shows(b"Reused, TLSv1.3")


def test_both_can_change_their_keys(s_client):
    client = s_client("-msg")
    client.shows(b"Post-Handshake New Session Ticket arrived")
    client.send(b"K\n")  # a KeyUpdate that asks for one in return
    client.shows(b">>> TLS 1.3, Handshake [length 0005], KeyUpdate")
    client.send(HELLO)
    client.shows(b"<<< TLS 1.3, Handshake [length 0005], KeyUpdate", b'"expires_s"')


def test_a_reload_changes_the_certificate_and_drops_nobody(relay, s_client, tmp_path):
    waiting = s_client()
    waiting.send(HELLO)
    waiting.shows(b'"expires_s"')
    old = waiting.output[waiting.output.index(b"-----BEGIN") : waiting.output.index(b"-----END")]
    shutil.rmtree(tmp_path / "keys")
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.log_lines("reloaded"), "reloaded")
    partner = s_client()
    partner.send(HELLO)
    waiting.shows(b"parley/1")  # PING
    waiting.send(frame(Type.PONG, b"parley/1"))
    partner.shows(b'"role":"second"', b"-----BEGIN")
    assert old not in partner.output
    waiting.shows(b'"role":"first"')


def test_a_reload_that_cannot_be_keeps_what_runs(relay, s_client, tmp_path):
    (tmp_path / "keys" / "key.pem").write_text("not a key")
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.log_lines("reload failed", "key.pem"), "said so")
    client = s_client()
    client.send(HELLO)
    client.shows(b'"expires_s"')
