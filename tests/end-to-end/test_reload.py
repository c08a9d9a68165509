"""SIGHUP takes limits, deadlines and the log level from the configuration file, and disturbs no session."""

import signal

from parley_tests.waiting import eventually


def reloaded(relay, result, times):
    eventually(lambda: relay.metric("parley_reloads_total", result=result) == times, f"reload {result}")


def start(start_relay, tmp_path, text):
    config = tmp_path / "parley.toml"
    config.write_text(text)
    return config, start_relay(
        config=config, max_connections_per_address=None, handshake_timeout=None, classic_keys="shared"
    )


def test_limits_and_log_level(start_relay, tmp_path):
    config, relay = start(start_relay, tmp_path, 'max-connections-per-address = 2\nlog-level = "warning"\n')
    a, b = relay.pair()
    assert relay.wire().end() == b""
    relay.wait_for_refusals("address-limit", 1)
    config.write_text('max-connections-per-address = 4\nlog-level = "info"\n')
    relay.signal(signal.SIGHUP)
    reloaded(relay, "ok", 1)
    assert relay.json("/api/v1/status")["limits"]["max_connections_per_address"] == 4
    a.say("undisturbed")
    assert b.hear() == "undisturbed"
    relay.assert_chat_works()
    eventually(lambda: relay.log_lines("peer-closed"), "session ends are logged since the reload")


def test_a_deadline(start_relay, tmp_path):
    config, relay = start(start_relay, tmp_path, 'handshake-timeout = "1h"\n')
    config.write_text('handshake-timeout = "300ms"\n')
    relay.signal(signal.SIGHUP)
    reloaded(relay, "ok", 1)
    relay.wait_for_keys()
    wire = relay.wire()
    wire.read_key()
    assert wire.end() == b""
    relay.wait_for_ends("handshake-timeout", 1)


def test_a_file_that_became_wrong_changes_nothing(start_relay, tmp_path):
    config, relay = start(start_relay, tmp_path, "max-connections-per-address = 2\n")
    a, b = relay.pair()
    config.write_text('max-connections-per-address = "many"\n')
    relay.signal(signal.SIGHUP)
    reloaded(relay, "failed", 1)
    eventually(lambda: relay.log_lines("max-connections-per-address"), "the log names the mistake")
    assert relay.wire().end() == b""
    relay.wait_for_refusals("address-limit", 1)
    a.say("undisturbed")
    assert b.hear() == "undisturbed"


def test_what_needs_a_restart_is_said(start_relay, tmp_path):
    config, relay = start(start_relay, tmp_path, "shards = 1\n")
    config.write_text("shards = 2\n")
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.log_lines("shards", "restart"), "the log says that shards need a restart")


def test_without_a_file_a_reload_is_harmless(start_relay):
    relay = start_relay()
    a, b = relay.pair()
    relay.signal(signal.SIGHUP)
    reloaded(relay, "ok", 1)
    a.say("undisturbed")
    assert b.hear() == "undisturbed"
