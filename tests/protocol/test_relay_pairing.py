"""relay/1 as a client written from its document sees it: meeting, talking, leaving."""

import socket
import ssl
import threading

import pytest

from parley_tests.frames import MAX_PAYLOAD, Type, frame


def test_the_first_waits_and_both_are_paired(rooms):
    first = rooms.enter(client="demo/1.0")
    waiting = first.wait()
    second = rooms.enter(first.room, something_of_later=[{"x": None}])
    one, other = first.pair(), second.pair()
    assert waiting["expires_s"] >= 0 and isinstance(waiting["expires_s"], int)
    assert (one["role"], other["role"]) == ("first", "second")
    assert one["session"] == other["session"]
    assert (one["resumed"], other["resumed"]) == (False, False)
    assert one["grace_s"] == other["grace_s"] > 0
    assert len({waiting["resume"], one["resume"], other["resume"]}) == 3


def test_messages_of_every_size(rooms):
    first, second = rooms.pair()
    for size in (0, 1, 2, 255, 16379, MAX_PAYLOAD):
        message = bytes(i * 7 & 0xFF for i in range(size))
        first.say(message)
        second.say(message[::-1])
        assert second.hear() == message
        assert first.hear() == message[::-1]


def test_both_talk_at_once(rooms):
    """More than any buffer holds, so that each direction has to wait for its reader, and in order."""
    first, second = rooms.pair()
    messages = [number.to_bytes(4, "big") * (number * 37 % 4095 + 1) for number in range(400)]
    heard = {}

    def listen(client):
        heard[client] = [client.hear() for _ in messages]

    def talk(client):
        for message in messages:
            client.say(message)

    def converse(talker, listener):
        return [threading.Thread(target=talk, args=[talker]), threading.Thread(target=listen, args=[listener])]

    # One SSL object is not for two threads at once: this pair of directions is run one after the other, both ways.
    for threads in (converse(first, second), converse(second, first)):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert heard[first] == heard[second] == messages


def test_frames_need_not_fall_together_with_records(rooms):
    first, second = rooms.pair()
    for byte in frame(Type.DATA, b"slowly") + frame(Type.PING, b"87654321"):
        first.send_raw(bytes([byte]))
    assert second.hear() == b"slowly"
    assert first.expect(Type.PONG) == b"87654321"
    first.send_raw(b"".join(frame(Type.DATA, b"%d" % number) for number in range(500)))
    assert [second.hear() for _ in range(500)] == [b"%d" % number for number in range(500)]
    hello = rooms.connect()
    for byte in frame(Type.HELLO, {"room": rooms.new_room()}):
        hello.send_raw(bytes([byte]))
    hello.wait()


def test_ping_at_any_time(rooms):
    client = rooms.connect()
    client.ping(b"\0" * 8)
    client.hello(rooms.new_room()).wait()
    client.ping(b"\xff" * 8)
    first, second = rooms.pair()
    first.ping(b"\r\n\0\0\x80\x81ab")
    second.send(Type.PONG, b"no asked")
    rooms.assert_pairs_talk((first, second))


@pytest.mark.parametrize("kind", [0x80, 0x9A, 0xFF])
@pytest.mark.parametrize("size", [0, 5, MAX_PAYLOAD])
def test_frames_of_later_versions_are_skipped(rooms, kind, size):
    later = frame(kind, b"\4" * size)
    first = rooms.connect()
    first.send_raw(later)
    room = rooms.new_room()
    first.hello(room).wait()
    first.send_raw(later)
    second = rooms.enter(room)
    first.pair(), second.pair()
    first.send_raw(later + frame(Type.DATA, b"after") + later)
    assert second.hear() == b"after"
    rooms.assert_pairs_talk((first, second))


def test_who_says_bye_is_heard_to_the_end(rooms):
    first, second = rooms.pair()
    first.send_raw(b"".join(frame(Type.DATA, b"%05d" % number * 500) for number in range(20)))
    first.bye()
    assert [second.hear() for _ in range(20)] == [b"%05d" % number * 500 for number in range(20)]
    assert second.peer_left() == {"reason": "closed", "grace_s": 0}
    second.ended()
    again, other = rooms.pair(first.room)  # the room is free
    rooms.assert_pairs_talk((again, other))


def test_who_waits_may_leave(rooms):
    client = rooms.wait()
    client.send(Type.BYE)
    client.ended()
    newcomer = rooms.wait(client.room)
    assert newcomer.newest != client.newest


def test_a_client_whose_waiting_was_lost_does_not_meet_itself(parleyd_rooms):
    rooms = parleyd_rooms
    ghost = rooms.enter()  # its connection has gone without a word: it hears nothing any more
    client = rooms.enter(ghost.room)
    assert rooms.refused(ghost.room) == "room-held"  # until it is known who is there
    client.wait()
    partner = rooms.enter(ghost.room)
    assert (client.pair()["role"], partner.pair()["role"]) == ("first", "second")
    rooms.assert_pairs_talk((client, partner))
    assert ghost.expect(Type.WAITING)["resume"]
    ghost.ended()  # without ERROR


def test_a_room_is_for_two(rooms):
    first, second = rooms.pair()
    assert rooms.refused(first.room) == "room-full"
    rooms.assert_pairs_talk((first, second))


def test_rooms_do_not_mix(rooms):
    pairs = [rooms.pair() for _ in range(5)]
    for number, (first, second) in enumerate(pairs):
        first.say(b"%d" % number)
        second.say(b"%d" % (number + 100))
    for number, (first, second) in enumerate(pairs):
        assert second.hear() == b"%d" % number
        assert first.hear() == b"%d" % (number + 100)


@pytest.mark.parametrize("alpn", [(), ("h2",), ("relay/2", "http/1.1")])
def test_without_the_right_alpn(parleyd_rooms, alpn):
    with pytest.raises(ssl.SSLError) as refusal:
        parleyd_rooms.connect(alpn=alpn)
    assert "alert no application protocol" in str(refusal.value)


def test_alpn_among_others(parleyd_rooms):
    client = parleyd_rooms.connect(alpn=("http/1.1", "relay/2", "relay/1"))
    assert client.sock.selected_alpn_protocol() == "relay/1"
    client.ping()


def test_older_tls(parleyd_rooms):
    with pytest.raises(ssl.SSLError) as refusal:
        parleyd_rooms.connect(version=ssl.TLSVersion.TLSv1_2)
    assert "alert protocol version" in str(refusal.value)


def test_what_is_no_tls(parleyd_rooms):
    for greeting in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\1" * 20000, b"\0" * 100):
        with socket.create_connection(parleyd_rooms.address, timeout=60) as tcp:
            tcp.sendall(greeting)
            try:
                while tcp.recv(4096):
                    pass
            except ConnectionResetError:
                pass
    parleyd_rooms.assert_pairs_talk()
