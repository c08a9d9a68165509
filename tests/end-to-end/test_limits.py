"""What is over a limit is refused, counted with its reason, and disturbs nobody."""

from parley_tests.waiting import eventually


def try_connect(relay, **options):
    """True when the relay took the connection: its key came."""
    wire = relay.wire(**options)
    try:
        taken = bool(wire.read(1))
    except ConnectionResetError:
        taken = False
    if not taken:
        wire.close()
    return taken


def test_max_connections(start_relay):
    relay = start_relay(classic_keys="shared", max_connections="3")
    a, b = relay.pair()
    c = relay.client()
    relay.wait_for_lobby(1)
    for number in range(1, 4):
        assert not try_connect(relay)
        relay.wait_for_refusals("overloaded", number)
    assert relay.get("/readyz") == (200, "ready\n")
    assert "[!] connections: at the connection limit, 3 of at most 3 (classic 3, relay 0)" in relay.get("/readyz?verbose")[1]
    a.say("undisturbed")
    assert b.hear() == "undisturbed"
    c.close()
    eventually(lambda: relay.metric("parley_connections") == 2, "its place is free again")
    assert try_connect(relay)
    assert relay.get("/healthz")[0] == 200


def test_max_connections_per_address(start_relay):
    relay = start_relay(classic_keys="shared", max_connections_per_address="3")
    a, b = relay.pair()
    relay.wire().read_key()
    assert not try_connect(relay)
    relay.wait_for_refusals("address-limit", 1)
    # Another address has its own count.
    c = relay.client(source="127.0.0.2")
    relay.wait_for_lobby(1)
    c.close()
    a.say("undisturbed")
    assert b.hear() == "undisturbed"
    a.close()
    assert b.clean_end() == b""
    relay.wait_for_sessions(0)
    assert eventually(lambda: try_connect(relay), "places are free again")


def test_connection_rate_per_address(start_relay):
    relay = start_relay(classic_keys="shared", connection_rate_per_address="0.5")
    taken = [try_connect(relay) for _ in range(20)]
    assert any(taken)
    assert not all(taken)
    relay.wait_for_refusals("rate-limited", taken.count(False))
    assert try_connect(relay, source="127.0.0.2"), "another address has its own rate"
    eventually(lambda: try_connect(relay), "the rate allows connections again", pause=0.1)


def test_refusals_need_no_key(start_relay):
    """Refused early and cheaply: no RSA key is made or taken for somebody refused."""
    relay = start_relay(max_connections="2", classic_keys="per-connection", classic_key_pool="4")
    relay.wait_for_keys(4)  # or one is made for those who wait, beyond the pool's
    relay.pair()
    relay.wait_for_keys(4)
    made = relay.metric("parley_worker_seconds_count", operation="generate-key")
    for _ in range(50):
        assert not try_connect(relay)
    assert relay.metric("parley_key_pool_keys") == 4
    assert relay.metric("parley_worker_seconds_count", operation="generate-key") == made
