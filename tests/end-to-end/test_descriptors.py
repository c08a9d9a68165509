"""Running out of descriptors: accept backs off, says so once, and recovers."""

import os
import resource

from parley_tests.waiting import eventually


def highest_descriptor(pid):
    return max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))


def test_descriptors_run_out_and_come_back(start_relay):
    relay = start_relay(classic_keys="shared", shards="1")  # each shard says so for itself
    a, b = relay.pair()
    relay.metrics()  # whatever the admin endpoint opens once is open now
    before = resource.prlimit(relay.pid, resource.RLIMIT_NOFILE)
    said_before = len(relay.log_lines("descriptor"))
    resource.prlimit(relay.pid, resource.RLIMIT_NOFILE, (highest_descriptor(relay.pid) + 4, before[1]))
    crowd = [relay.wire() for _ in range(30)]
    eventually(lambda: len(relay.log_lines("descriptor")) > said_before, "the log says that descriptors ran out")
    for number in range(20):
        a.say(f"undisturbed {number}")
        assert b.hear() == f"undisturbed {number}"
    assert len(relay.log_lines("descriptor")) - said_before <= 2  # once, and perhaps once that it is over
    crowd[10].end()  # refused, and not left to wait for the rest
    for wire in crowd:
        wire.close()
    resource.prlimit(relay.pid, resource.RLIMIT_NOFILE, before)
    eventually(lambda: relay.metric("parley_connections") == 2, "the crowd is gone")
    relay.assert_chat_works()


def test_the_connection_limit_is_fitted_below_the_descriptor_limit(start_relay):
    relay = start_relay(classic_keys="shared", launcher=["prlimit", "--nofile=256:256"])
    a, b = relay.pair()
    limit = relay.metric("parley_max_connections")
    assert 0 < limit < 256
    crowd = [relay.wire() for _ in range(300)]
    eventually(lambda: relay.refused("overloaded") > 0, "some are refused")
    # The admin endpoint goes on answering, and so does the session.
    assert relay.get("/healthz")[0] == 200
    assert relay.metric("parley_connections") == limit
    relay.wait_for_refusals("no-descriptors", 0)
    a.say("undisturbed")
    assert b.hear() == "undisturbed"
    for wire in crowd:
        wire.close()
    eventually(lambda: relay.metric("parley_connections") == 2, "the crowd is gone")
    relay.assert_chat_works()


def test_what_many_shards_need_is_kept_back(start_relay):
    relay = start_relay(shards=32, classic_listen=["127.0.0.1:0"] * 2, launcher=["prlimit", "--nofile=1024:1024"])
    metrics = relay.metrics()
    admin = 32
    assert metrics.value("process_open_fds") + admin + metrics.value("parley_max_connections") < 1024
