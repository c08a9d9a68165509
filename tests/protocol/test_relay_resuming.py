"""relay/1: coming back to a session after its connections, or its relay, are gone."""

import secrets

from parley_tests.frames import Type


def resumed(rooms, client, partner):
    """The client on its new connection, both PAIRED again and in the new stream."""
    newer = rooms.back(client)
    newer.pair()
    partner.pair(after_peer_left=True)
    return newer


def back_to_wait(rooms, client):
    newer = rooms.back(client)
    newer.wait()
    return newer


def test_a_lost_client_comes_back(rooms):
    first, second = rooms.pair()
    second.lose()
    left = first.peer_left()
    assert left == {"reason": "lost", "grace_s": first.paired["grace_s"]}
    again = resumed(rooms, second, first)
    rooms.assert_pairs_talk((first, again))
    assert again.paired["resumed"] and first.paired["resumed"]
    assert again.paired["session"] == second.paired["session"] == first.paired["session"]
    assert (first.paired["role"], again.paired["role"]) == ("first", "second")
    assert first.newest != again.newest
    first.lose()
    assert again.peer_left()["reason"] == "lost"
    third = resumed(rooms, first, again)
    assert third.paired["role"] == "first"
    rooms.assert_pairs_talk((third, again))


def test_nothing_of_the_old_stream_runs_into_the_new_one(rooms):
    first, second = rooms.pair()
    second.lose()
    first.peer_left()
    first.say(b"nobody is there")
    again = rooms.back(second)
    again.pair()
    assert first.expect(Type.PAIRED)["resumed"]
    first.say(b"before READY")
    first.send(Type.READY)
    first.say(b"new")
    assert again.hear() == b"new"
    again.say(b"new too")
    assert first.hear() == b"new too"


def test_each_resumption_needs_its_ready(rooms):
    first, second = rooms.pair()
    for _ in range(2):
        second.lose()
        first.peer_left()
        second = rooms.back(second)
        second.pair()
        assert first.expect(Type.PAIRED)["resumed"]
    first.send(Type.READY)
    first.say(b"one READY for two")
    first.send(Type.READY)
    first.say(b"new")
    assert second.hear() == b"new"


def test_ready_without_need_does_nothing(rooms):
    first, second = rooms.pair()
    first.send(Type.READY)
    second.send(Type.READY)
    rooms.assert_pairs_talk((first, second))


def test_a_newer_connection_replaces_an_older_one(rooms):
    first, second = rooms.pair()
    again = resumed(rooms, second, first)
    second.ended()  # without ERROR
    rooms.assert_pairs_talk((first, again))
    other = resumed(rooms, first, again)
    first.ended()
    rooms.assert_pairs_talk((other, again))


def test_both_are_lost(rooms):
    first, second = rooms.pair()
    first.lose()
    assert second.peer_left()["reason"] == "lost"
    second.lose()
    again = back_to_wait(rooms, second)
    assert rooms.refused(first.room) == "room-held"
    other = rooms.back(first)
    assert other.pair()["resumed"] and again.pair()["resumed"]
    assert (other.paired["role"], again.paired["role"]) == ("first", "second")
    assert other.paired["session"] == first.paired["session"]
    rooms.assert_pairs_talk((other, again))


def test_a_room_is_held_for_who_may_come_back(rooms):
    first, second = rooms.pair()
    second.lose()
    first.peer_left()
    newcomer = rooms.enter(first.room)
    assert newcomer.expect(Type.ERROR)["code"] == "room-held"
    newcomer.ended()
    rooms.assert_pairs_talk((first, resumed(rooms, second, first)))


def test_who_waits_comes_back_on_another_connection(rooms):
    client = rooms.wait()
    again = rooms.back(client)
    again.wait()
    client.ended()
    partner = rooms.enter(client.room)
    assert again.pair()["role"] == "first"
    assert partner.pair()["role"] == "second"
    rooms.assert_pairs_talk((again, partner))


def test_a_token_of_waiting_after_the_partner_came(rooms):
    first = rooms.wait()
    waiting = first.newest
    second = rooms.enter(first.room)
    first.pair(), second.pair()
    first.newest = waiting
    again = resumed(rooms, first, second)
    assert again.paired["role"] == "first" and again.paired["resumed"]
    rooms.assert_pairs_talk((again, second))


def test_a_token_of_waiting_when_the_place_is_gone(rooms):
    client = rooms.wait()
    client.send(Type.BYE)
    client.ended()
    again = rooms.back(client)
    again.wait()
    partner = rooms.enter(client.room)
    assert not again.pair()["resumed"] and not partner.pair()["resumed"]


def test_tokens_that_are_not_good(rooms):
    first, second = rooms.pair()
    stranger, _ = rooms.pair()
    changed = ("B" if second.newest[5] != "B" else "C").join([second.newest[:5], second.newest[6:]])
    for token in (stranger.newest, changed, second.newest[:-4], second.newest + "AAAA", "x", secrets.token_urlsafe(43)):
        assert rooms.refused(first.room, resume=token) == "bad-resume", token
    assert rooms.refused(rooms.new_room(), resume=second.newest) == "bad-resume"  # good, but in its room only
    rooms.assert_pairs_talk((first, second))


def test_no_token_is_good_after_bye(rooms):
    first, second = rooms.pair()
    second.lose()
    first.peer_left()
    first.send(Type.BYE)
    first.ended()
    assert rooms.refused(first.room, resume=second.newest) == "bad-resume"
    assert rooms.refused(first.room, resume=first.newest) == "bad-resume"
    rooms.assert_pairs_talk(rooms.pair(first.room))


def test_many_resumptions(rooms):
    """Whoever is lost, and whether the other has noticed or not, the newest tokens bring both together."""
    pair = list(rooms.pair())
    for turn in range(12):
        side = turn // 2 % 2
        if turn % 3 == 0:
            pair[side].lose()
            assert pair[1 - side].peer_left()["reason"] == "lost"
        pair[side] = resumed(rooms, pair[side], pair[1 - side])
        rooms.assert_pairs_talk(tuple(pair))
