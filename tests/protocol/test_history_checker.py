"""The checker of transcripts finds each kind of error when one is planted, and nothing in what is right."""

import random

import pytest

from parley_tests.history import judge, messages

COUNT = 3000


@pytest.fixture(scope="module")
def heard():
    return list(messages("A", COUNT))


def faulty(heard, **expected):
    """The verdict on a transcript has that many errors of these kinds, and no others."""
    verdict = judge(heard, "A", COUNT)
    found = {name: len(getattr(verdict, name)) for name in ("lost", "doubled", "out_of_order", "strange")}
    assert found == dict.fromkeys(found, 0) | expected
    assert verdict.good() == (not expected)
    return verdict


def test_a_good_transcript(heard):
    assert str(faulty(heard)) == "3000 of 3000 heard, 0 lost, 0 doubled, 0 out of order, 0 strange"


@pytest.mark.parametrize("at", [0, 1, 96, COUNT // 2, COUNT - 1])
def test_one_lost(heard, at):
    assert faulty(heard[:at] + heard[at + 1 :], lost=1).lost == [at + 1]


def test_the_end_lost(heard):
    faulty(heard[:-70], lost=70)
    faulty([], lost=COUNT)


@pytest.mark.parametrize("at, again", [(0, 1), (5, 6), (96, COUNT), (COUNT - 1, COUNT), (7, 2000)])
def test_one_doubled(heard, at, again):
    """At once, and long after."""
    assert faulty(heard[:again] + [heard[at]] + heard[again:], doubled=1).doubled == [at + 1]


def test_two_swapped(heard):
    swapped = heard[:]
    swapped[10], swapped[11] = swapped[11], swapped[10]
    assert faulty(swapped, out_of_order=1).out_of_order == [11]


def test_one_much_too_late(heard):
    assert faulty(heard[:4] + heard[5:2000] + [heard[4]] + heard[2000:], out_of_order=1).out_of_order == [5]


def test_one_bit_changed(heard):
    changed = heard[:]
    letter = changed[500][-1]
    changed[500] = changed[500][:-1] + chr(ord(letter) ^ 1)
    assert faulty(changed, lost=1, strange=1).lost == [501]


def test_two_merged_and_one_cut(heard):
    faulty(heard[:100] + [heard[100] + heard[101]] + heard[102:], lost=2, strange=1)
    faulty(heard[:96] + [heard[96][:-5], heard[96][-5:]] + heard[97:], lost=1, strange=2)


@pytest.mark.parametrize("line", ["", "B 7 the", "A", "A x", "A 0", "A 3001 the", "A ٣ x", "A 99999999999999999999", "A 07"])
def test_a_line_that_nobody_said(heard, line):
    faulty(heard[:50] + [line] + heard[50:], strange=1)


def test_many_at_once(heard):
    drawn = random.Random(1)
    lost = set(drawn.sample(range(COUNT), 20))
    kept = [line for number, line in enumerate(heard) if number not in lost]
    faulty(kept + kept[-3:], lost=20, doubled=3)
