"""Two clients over everything that may happen to their connections and to the relay: nothing lost, nothing doubled."""

import pytest

from parley_tests import trial
from parley_tests.history import judge, messages
from parley_tests.lying_relay import LIES, LyingRelay
from parley_tests.programs import Program, new_invite
from parley_tests.waiting import eventually

LONG = 240  # seconds: a sanitizer's build on a busy machine


@pytest.fixture
def pipes(clients, tmp_path):
    """pipes(invite, address, address): two `parley pipe`."""

    def start(invite, *addresses):
        programs = [Program("pipe", invite=invite(address), directory=tmp_path) for address in addresses]
        clients.extend(programs)
        return programs

    return start


def ended_well(*programs):
    def said():
        return "\n".join(program.errors() for program in programs)

    eventually(lambda: not any(program.is_running() for program in programs), said, timeout=LONG)
    assert [program.exit_status() for program in programs] == [0] * len(programs), said()


def test_a_history_over_seeded_faults(tmp_path, certificate):
    outcome = trial.run(tmp_path, certificate, seed=20, each=1000, faults=20, kills=1)
    said = str(outcome).replace("\n", "; ")  # one line, all of which a run's summary shows
    assert outcome.good(), f"{said}\n{outcome.errors}"
    assert outcome.faults["kill"] == 1, said
    assert outcome.faults.total() >= 10 and len(outcome.faults) >= 5, said


def test_a_pipe_whose_connections_are_cut(tmp_path, certificate):
    size, cut = 3 << 20, 400_000
    wrong, ends = trial.run_pipe(tmp_path, certificate, size, cut, LONG)
    assert not wrong
    assert min(ends) >= size // cut - 1


def test_lines_over_three_deaths_of_the_relay(mortal_relay, pipes):
    each = 1000
    first, second = pipes(new_invite(mortal_relay.pin), *[mortal_relay.address] * 2)
    for turn in range(4):
        for number in range(turn * each, (turn + 1) * each):
            first.type(f"line {number}")
        if turn < 3:
            # In the middle of these lines, whatever of them has been sent.
            second.hears(f"line {turn * each + each // 3}\n")
            mortal_relay.kill()
            first.type("from between")
            mortal_relay.revive()
    for program in (first, second):
        program.finish_input()
    ended_well(first, second)
    lines = second.output().decode().splitlines()
    assert lines.count("from between") == 3
    assert [line for line in lines if line != "from between"] == [f"line {number}" for number in range(4 * each)]


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_relay_is_noticed(pipes, clients, lie):
    """What it drops, repeats, moves or changes the inner TLS notices; the clients meet anew, and nothing is missing."""
    relay = LyingRelay().start()
    clients.append(relay)
    for number in (9, 30):
        for role in ("first", "second"):
            relay.command(f"{lie} {role} {number}")
    first, second = pipes(new_invite(relay.pin), relay.address, relay.address)
    for program, speaker in ((first, "A"), (second, "B")):
        program.feed(messages(speaker, 4000))
    ended_well(first, second)
    assert len(relay.told) == 4
    for listener, speaker in ((second, "A"), (first, "B")):
        verdict = judge(listener.output().decode().splitlines(), speaker, 4000)
        assert verdict.good(), verdict


def test_a_relay_that_lies_from_the_start(pipes, clients):
    """Changed before the inner handshake is done: that is never taken for another invite."""
    relay = LyingRelay().start()
    clients.append(relay)
    relay.command("flip second 1")
    relay.command("drop first 2")
    first, second = pipes(new_invite(relay.pin), relay.address, relay.address)
    first.type("still there")
    second.hears("still there\n")
    assert sorted(relay.told) == [("drop", "first", 2), ("flip", "second", 1)]
    for program in (first, second):
        program.finish_input()
    ended_well(first, second)


def test_the_program_waits_for_a_relay_that_is_away(mortal_relay, pipes):
    first, second = pipes(new_invite(mortal_relay.pin), *[mortal_relay.address] * 2)
    first.type("before")
    second.hears("before\n")
    mortal_relay.kill()
    first.type("while away")
    eventually(lambda: "reconnect" in first.errors().lower() or "again" in first.errors().lower(), first.errors)
    mortal_relay.revive()
    second.hears("while away\n")
