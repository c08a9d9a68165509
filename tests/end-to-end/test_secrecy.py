"""Of a conversation with an invite, neither the network nor the relay holds a word."""

import os
import resource
import secrets

import pytest

from parley_tests.fault_proxy import FaultProxy
from parley_tests.memory import found_in_memory
from parley_tests.programs import MortalRelay, Program, new_invite
from parley_tests.waiting import eventually


def test_nothing_of_it_is_on_the_wire_or_in_the_relay(clients, tmp_path, certificate):
    # An admin endpoint, to ask whether both have gone; the most talkative log there is.
    relay = MortalRelay(tmp_path, certificate, log_level="debug")
    proxy = FaultProxy(relay.address, capture=True).start()
    clients.extend([relay, proxy])
    secret = "c2VjcmV0c2VjcmV0" + secrets.token_hex(3)[:5] + "A"
    invite = new_invite(relay.pin, secret=secret)(proxy.address)
    programs = [Program("pipe", invite=invite, directory=tmp_path) for _ in range(2)]
    clients.extend(programs)
    words = [f"plaintext-{secrets.token_hex(8)}-{number}" for number in range(40)]
    for number, word in enumerate(words):
        programs[number % 2].type(word)
        programs[1 - number % 2].hears(word)

    needles = [word.encode() for word in words] + [secret.encode()]
    assert found_in_memory(os.getpid(), needles) == set(needles)  # the search finds what is there
    assert found_in_memory(relay.relay.pid, needles) == set()
    passed = b"".join(bytes(data) for data in proxy.captured.values())
    assert len(passed) > 40 * 256  # all went this way: each is padded to 256 bytes
    log = relay.relay.log().encode()
    assert not [needle for needle in needles if needle in passed or needle in log]

    for program in programs:
        program.finish_input()
    assert [program.exit_status() for program in programs] == [0, 0]
    eventually(lambda: relay.relay.metric("parley_sessions") == 0, "the session is over")
    assert found_in_memory(relay.relay.pid, needles) == set()
    room = invite.partition("#")[0].rpartition("/")[2].partition("?")[0]
    assert room not in relay.relay.log()


@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_CORE)[1] == 0, reason="nothing here may leave a core")
def test_neither_program_leaves_a_core(parleyd_rooms, clients, tmp_path):
    chat = Program("chat", invite=new_invite(parleyd_rooms.pin)(parleyd_rooms.address), directory=tmp_path)
    clients.append(chat)
    eventually(lambda: chat.errors(), "it has begun")
    for pid in (chat.pid, parleyd_rooms.relay.pid):
        assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
