"""Nothing tells the sender of a block whether its padding was right (no Bleichenbacher oracle)."""

import statistics
import time

import pytest

from parley_tests.padding import BAD_PADDINGS, bad_block, padded_good, raw_block


@pytest.fixture(params=["auto", "off"], ids=["best-engine", "openssl-engine"])
def pair(request, start_relay):
    relay = start_relay(crypto_mb=request.param, classic_keys="shared")
    return relay.pair({"bits": 2048}, {"bits": 2048})


@pytest.mark.parametrize("kind", BAD_PADDINGS)
def test_bad_padding_gives_a_pseudo_random_message_and_nobody_is_closed(pair, kind):
    a, b = pair
    a.say("before")
    a.send(bad_block(a.relay_key, kind))
    a.say("after")
    assert b.hear() == "before"
    assert len(b.hear_bytes()) <= 245
    assert b.hear() == "after"
    b.say("still here")
    assert a.hear() == "still here"


def test_the_same_bad_block_gives_the_same_message_each_time(pair):
    a, b = pair
    for kind in BAD_PADDINGS:
        block = bad_block(a.relay_key, kind)
        a.send(block + block)
        assert b.hear_bytes() == b.hear_bytes()


def test_different_bad_blocks_give_different_messages_of_different_lengths(pair):
    a, b = pair
    count = 60
    a.send(b"".join(bad_block(a.relay_key, "no-separator") for _ in range(count)))
    messages = [b.hear_bytes() for _ in range(count)]
    lengths = {len(message) for message in messages}
    assert len(lengths) > count // 4
    assert max(lengths) > 100
    assert len({message for message in messages if len(message) >= 8}) == sum(len(m) >= 8 for m in messages)


def test_the_least_and_the_most_padding_that_is_good(pair):
    a, b = pair
    for message in [b"", b"\0" * 245, b"x" * 245]:
        a.send(raw_block(a.relay_key, padded_good(256, message)))
        assert b.hear_bytes() == message
    # Seven bytes of padding before the separator are one too few.
    a.send(raw_block(a.relay_key, b"\0\2" + b"\x11" * 7 + b"\0" + b"y" * 246))
    assert b.hear_bytes() != b"y" * 246


def test_small_numbers_as_blocks(pair):
    a, b = pair
    for number in [0, 1, 2, a.relay_key.n - 1]:
        a.send(number.to_bytes(256, "big"))
        assert len(b.hear_bytes()) <= 245
    a.say("fine")
    assert b.hear() == "fine"


def test_the_time_until_the_partner_receives_does_not_tell_good_from_bad(pair):
    a, b = pair

    def measure(samples):
        times = {kind: [] for kind in ["good", *BAD_PADDINGS]}
        for _ in range(samples):
            for kind, seen in times.items():
                good = kind == "good"
                block = raw_block(a.relay_key, padded_good(256, b"ten bytes!")) if good else bad_block(a.relay_key, kind)
                started = time.perf_counter()
                a.send(block)
                b.read(256)
                seen.append(time.perf_counter() - started)
        return times

    for _ in range(3):  # a machine busy with something else shifts a median now and then; a real difference stays
        times = measure(60)
        medians = [statistics.median(seen) for seen in times.values()]
        quarters = [statistics.quantiles(seen, n=4) for seen in times.values()]
        spread = max(third - first for first, _, third in quarters)
        print({kind: f"{median * 1e6:.0f} µs" for kind, median in zip(times, medians)}, f"spread {spread * 1e6:.0f} µs")
        if max(medians) - min(medians) < spread:
            return
    pytest.fail(f"medians differ by more than their spread of {spread}: {dict(zip(times, medians))}")
