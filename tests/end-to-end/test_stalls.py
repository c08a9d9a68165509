"""A shard whose loop stands still is seen while it does, and not only afterwards."""

from parley_tests import stuck
from parley_tests.waiting import eventually


def test_a_shard_that_stands_still(start_relay):
    relay = start_relay(shards="2")
    relay.assert_chat_works()
    lag = lambda shard: relay.metric("parley_shard_loop_lag_seconds", shard=str(shard))
    still, other = stuck.threads(relay.pid, "shard")
    stuck.stop_thread(still)
    try:
        eventually(lambda: max(lag(0), lag(1)) > 2 and min(lag(0), lag(1)) < 1, "the metric of that shard alone grows")
        status, body = eventually(lambda: (said := relay.get("/readyz"))[0] == 503 and said, "readiness sees it")
        assert body.startswith("shard ")
        assert relay.get("/healthz") == (status, body)
    finally:
        stuck.resume_thread(still)
    eventually(lambda: relay.get("/readyz") == (200, "ready\n"), "it is well again")
    eventually(lambda: max(lag(0), lag(1)) < 1, "the metric falls")
    relay.assert_chat_works()
