"""Clients that are slow, silent or hostile: ended with their reason counted, the others undisturbed."""

import random
import select
import signal
import socket
import threading

import pytest

from parley_tests import keys
from parley_tests.frames import FIRST_LATER_TYPE, frame
from parley_tests.rooms import Rooms
from parley_tests.segments import connect_narrowly
from parley_tests.waiting import eventually


def fill(sender, block):
    """Sends blocks until the relay has not taken a byte for a second. Returns how many bytes were sent."""
    sender.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
    sender.sock.setblocking(False)
    sent = 0
    try:
        while select.select([], [sender.sock], [], 1)[1]:
            sent += sender.sock.send((block * 64)[sent % len(block) :])
    finally:
        sender.sock.setblocking(True)
    return sent


def test_a_partner_that_never_reads_stops_its_sender_and_nobody_else(start_relay):
    relay = start_relay(classic_keys="shared", write_timeout="none", buffer_limit="64K")
    a, b = relay.pair({"bits": 512}, {"bits": 1024})
    c, d = relay.pair()
    block = a.seal("are you listening?")
    sent = fill(a, block)
    # Bounded: what the relay holds, and what kernels hold on the way.
    assert relay.metric("parley_buffered_bytes") <= 2 * 64 * 1024 + 4096
    assert sent < 64 * 1024 * 1024
    for number in range(20):
        c.say(f"undisturbed {number}")
        assert d.hear() == f"undisturbed {number}"
    # Once it reads, everything comes. (Whole blocks: the sender may have been stopped within one.)
    whole = sent // len(block) * b.block_bytes
    assert len(b.read(whole)) == whole
    b.say("now I am")
    assert a.hear() == "now I am"


def test_a_partner_that_never_reads_is_given_up(start_relay):
    """At the deadline for writing. On a slow machine, where the kernels have room for all that comes, the kernel gives it
    up, eight seconds later."""
    relay = start_relay(classic_keys="shared", write_timeout="1s")
    a, b = relay.pair({"bits": 512}, {"bits": 1024, "sock": connect_narrowly(relay.classic)})
    c, d = relay.pair()
    # As long as one block holds, so that what the kernels have room for is soon full.
    block = a.seal("are you listening? " * 12)
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        while True:
            a.send(block * 64)
    ends = lambda: sum(relay.metric("parley_session_ends_total", reason=why) for why in ("too-slow", "peer-reset"))
    eventually(lambda: ends() == 1, "that is counted")
    c.say("undisturbed")
    assert d.hear() == "undisturbed"
    relay.assert_chat_works()


def test_slow_key_senders_are_ended_and_do_not_hold_up_others(start_relay, tmp_path):
    config = tmp_path / "parley.toml"
    config.write_text('handshake-timeout = "none"\n')
    relay = start_relay(config=config, handshake_timeout=None, classic_keys="per-connection", classic_key_pool="5")
    pem = keys.public_key(keys.private_key()).save_pkcs1()
    before = [relay.wire() for _ in range(5)]
    a, b = relay.pair()
    relay.wait_for_keys(5)
    # Only now, as the two might be slow themselves on a busy machine; it is for those who come from now on.
    config.write_text('handshake-timeout = "1s"\n')
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.metric("parley_reloads_total", result="ok") == 1, "the deadline is there")
    slow = [relay.wire() for _ in range(5)]
    sent = 0

    def all_ended():
        nonlocal sent
        for wire in before + slow:
            try:
                wire.send(pem[sent % 100 : sent % 100 + 1])
            except (BrokenPipeError, ConnectionResetError):
                pass
        sent += 1
        a.say(str(sent))
        assert b.hear() == str(sent)
        return relay.ended("handshake-timeout") == len(slow)

    eventually(all_ended, "all slow senders are ended", pause=0.05)
    eventually(lambda: relay.metric("parley_connections") == len(before) + 2, "nobody else is")


@pytest.mark.parametrize("stage", ["before-the-key", "after-the-key", "in-a-session"])
def test_random_bytes_in_random_pieces(relay, stage):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    choose = random.Random(seed)
    for _ in range(20):
        if stage == "before-the-key":
            hostile = relay.wire()
        else:
            hostile = relay.client()
            relay.wait_for_lobby(1)
        victim = None
        if stage == "in-a-session":
            with relay.one_more_session():
                victim = relay.client(bits=2048)
        data = choose.randbytes(choose.randrange(1, 6000))
        try:
            while data:
                size = choose.choice([1, 2, 7, 100, 256, 4096])
                hostile.send(data[:size])
                if choose.random() < 0.1:
                    hostile.wait_until_read()
                data = data[size:]
        except (BrokenPipeError, ConnectionResetError):
            pass
        getattr(hostile, choose.choice(["close", "reset"]))()
        if victim:
            victim.end()
            victim.close()
        # The next one would be paired with this one, were its end still on its way.
        eventually(lambda: relay.metric("parley_connections") == 0, "all are gone")
    relay.assert_chat_works()


def test_other_protocols_on_the_classic_port(relay):
    for greeting in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"SSH-2.0-x\r\n"):
        wire = relay.wire()
        wire.send(greeting)
        wire.close()
    relay.assert_chat_works()


def test_a_flood_of_small_frames_leaves_others_their_turn(start_relay, certificate, clients):
    """Frames to be skipped, 4,096 in each record: they come faster than the relay can go through them."""
    relay = start_relay(shards=1, cert=certificate.certificate, key=certificate.key, relay_listen="127.0.0.1:0")
    rooms = Rooms(relay.address_of("relay"), certificate.pin, clients, relay)
    first, second = rooms.pair()
    flooder = rooms.enter()
    flooder.wait()
    over = threading.Event()

    def flood():
        try:
            while not over.is_set():
                flooder.send_raw(frame(FIRST_LATER_TYPE) * 4096 * 64)
        except OSError:
            pass

    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
        eventually(lambda: relay.metric("parley_bytes_total", protocol="relay", direction="in") > 1e6, "a flood is there")
        for number in range(200):
            first.say(b"undisturbed %d" % number)
            assert second.hear() == b"undisturbed %d" % number
    finally:
        over.set()
        flooder.sock.shutdown(socket.SHUT_RDWR)
        flooding.join()
