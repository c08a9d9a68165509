"""Every attack in turn on one relay, beside two honest pairs that are there from the first to the last."""

import contextlib
import itertools
import signal
import time

from .clients import BlockClient
from .hostile_attacks import ATTACKS, Attack
from .relay import Relay
from .rooms import Rooms
from .waiting import in_the_end

_EACH = 20.0  # seconds of one attack


def _talk(rooms, relay_pair, classic_pair):
    rooms.assert_pairs_talk(relay_pair)
    first, second = classic_pair
    first.say("question")
    assert second.hear() == "question"
    second.say("answer")
    assert first.hear() == "answer"


def run(certificate, seconds, report):
    """Whether the pairs heard all, everything else was given back, and the relay ended well and said nothing."""
    relay = Relay(relay_listen="127.0.0.1:0", cert=certificate.certificate, key=certificate.key, log_level="warning",
                  **dict.fromkeys(("handshake_timeout", "connection_rate_per_address", "max_connections_per_address",
                                   "max_rooms_per_address")))
    with contextlib.ExitStack() as opened:
        clients = []
        opened.callback(lambda: [client.close() for client in clients])
        rooms = Rooms(relay.address_of("relay"), certificate.pin, clients, relay)
        first = BlockClient(relay.classic)
        relay.wait_for_lobby(1)
        honest = rooms.pair(), (first, BlockClient(relay.classic))
        clients += honest[1]
        _talk(rooms, *honest)
        end, talks, total = time.monotonic() + seconds, 0, 0
        address = itertools.cycle(range(1, 255))
        while time.monotonic() < end:
            for name, (what, _) in ATTACKS.items():
                # Another address each time, as what the one before had is held for a while.
                attack = Attack(name, relay, "127.0.1.%d" % next(address))
                attack.begin(_EACH)
                over = time.monotonic() + _EACH
                while time.monotonic() < over:
                    _talk(rooms, *honest)
                    talks += 1
                    time.sleep(0.2)  # the load's pace
                sent = attack.sent()
                total += sent
                report("%s: %d bytes; the pairs have talked %d times" % (what, sent, talks))
                if time.monotonic() >= end:
                    break
        kinds = ("relay", "classic")
        back = in_the_end(lambda: [relay.metric("parley_connections", protocol=kind) for kind in kinds] == [2, 2], 180)
        _talk(rooms, *honest)
    relay.signal(signal.SIGTERM)
    status = relay.exit_status()
    wrong = relay.stop() or (f"the relay ended with {status}" if status else "")
    report("%.0f MB sent by attackers; connections given back: %s; %s" % (
        total / 1e6, "yes" if back else "no", wrong or "the relay ended with 0 and reported nothing"))
    return back and not wrong
