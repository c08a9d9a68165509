"""Clients that behave exactly as the original project's chat through the relay."""

import threading
import time

import pytest

from parley_tests.clients import BlockClient
from parley_tests.waiting import PATIENCE


@pytest.mark.parametrize("first_reads_first", [False, True], ids=["first-sends-first", "first-reads-first"])
@pytest.mark.parametrize("second_reads_first", [False, True], ids=["second-sends-first", "second-reads-first"])
def test_both_orders_of_key_and_read(fresh_key_relay, first_reads_first, second_reads_first):
    relay = fresh_key_relay
    a = relay.original(reads_first=first_reads_first)
    b = relay.original(reads_first=second_reads_first)
    a.say("hello")
    assert b.hear() == "hello"
    b.say("hello yourself")
    assert a.hear() == "hello yourself"


def test_the_relay_key_is_pkcs1_pem_of_2048_bits(fresh_key_relay):
    relay = fresh_key_relay
    pem = relay.wire().read_key()
    assert pem.startswith(b"-----BEGIN RSA PUBLIC KEY-----\n")
    client = relay.original()
    assert client.relay_key.n.bit_length() == 2048
    assert client.relay_key.e == 65537


def test_twenty_turns_of_text_that_is_not_ascii(fresh_key_relay):
    relay = fresh_key_relay
    a, b = relay.originals()
    for turn in range(20):
        question, answer = f"{turn}: naïve ☕ 日本", f"{turn}: 🙂 çà et là"
        a.say(question)
        assert b.hear() == question
        b.say(answer)
        assert a.hear() == answer


def test_empty_messages_are_carried(fresh_key_relay):
    relay = fresh_key_relay
    a, b = relay.originals()
    for message in ["", "between", "", ""]:
        a.say(message)
        assert b.hear() == message
        b.say("")
        assert a.hear() == ""


def test_a_message_of_120_bytes_arrives_whole_over_turns(fresh_key_relay):
    relay = fresh_key_relay
    a, b = relay.originals()
    message = "é" * 60
    a.say(message)
    heard = ""
    while heard != message:
        piece = b.hear()
        assert 0 < len(piece.encode()) <= 53
        heard += piece
        assert message.startswith(heard)
        b.say("go on")
        assert a.hear() == "go on"


def test_a_message_written_before_the_partner_came(fresh_key_relay):
    relay = fresh_key_relay
    a = relay.original()
    a.say("anybody there?")
    relay.wait_for_lobby(1)
    b = relay.original()
    assert b.hear() == "anybody there?"
    b.say("yes")
    assert a.hear() == "yes"


def test_one_leaves_and_the_other_sees_the_end_at_once(fresh_key_relay):
    relay = fresh_key_relay
    a, b = relay.originals()
    a.say("bye")
    assert b.hear() == "bye"
    left = time.monotonic()
    a.close()
    assert b.clean_end() == b""
    assert time.monotonic() - left < 5  # on a machine that is busy with other things
    relay.assert_chat_works()


def run_at_once(jobs):
    """Each job in a thread of its own; any failure fails the test."""
    failures = []

    def guarded(job):
        try:
            job()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert not failures
    assert not any(thread.is_alive() for thread in threads)


def test_forty_sessions_at_once(relay):
    pairs = [relay.originals() for _ in range(40)]

    def turns_of_the_first(client, number):
        for turn in range(5):
            client.say(f"{number}: question {turn}")
            assert client.hear() == f"{number}: answer {turn}"

    def turns_of_the_second(client, number):
        for turn in range(5):
            assert client.hear() == f"{number}: question {turn}"
            client.say(f"{number}: answer {turn}")

    jobs = []
    for number, (a, b) in enumerate(pairs):
        jobs.append(lambda client=a, number=number: turns_of_the_first(client, number))
        jobs.append(lambda client=b, number=number: turns_of_the_second(client, number))
    run_at_once(jobs)
    assert relay.metric("parley_sessions") == 40


def test_eighty_clients_that_come_at_once_are_forty_sessions(relay):
    sessions_before = relay.metric("parley_sessions_total")
    all_done = threading.Barrier(80)

    def chat(number):
        # Which two meet is up to the relay; each tells its partner its number and hears it back.
        client = BlockClient(relay.classic, bits=512)
        try:
            for turn in range(3):
                client.say(f"{number}.{turn}")
                client.say(client.hear())
                assert client.hear() == f"{number}.{turn}"
            all_done.wait(PATIENCE)
        except BaseException:
            all_done.abort()
            raise
        finally:
            client.close()

    run_at_once([lambda number=number: chat(number) for number in range(80)])
    assert relay.metric("parley_sessions_total") - sessions_before == 40
