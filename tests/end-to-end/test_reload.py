"""SIGHUP takes limits, deadlines and the log level from the configuration file, and disturbs no session."""

import hashlib
import os
import signal

import pytest

from parley_tests.certificates import Certificate
from parley_tests.relay import as_toml
from parley_tests.waiting import eventually


def reloaded(relay, result, times):
    eventually(lambda: relay.metric("parley_reloads_total", result=result) == times, f"reload {result}")


def start(start_relay, tmp_path, text):
    config = tmp_path / "parley.toml"
    config.write_text(text)
    relay = start_relay(
        config=config, max_connections_per_address=None, handshake_timeout=None, classic_keys="shared"
    )
    relay.wait_for_keys()  # made at a low priority: on a busy machine that takes longer than the deadline of 10 s
    return config, relay


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
    wire = relay.wire()
    wire.read_key()
    assert wire.end() == b""
    relay.wait_for_ends("handshake-timeout", 1)


def test_the_idle_deadline_of_sessions_that_began_without(start_relay, tmp_path):
    config, relay = start(start_relay, tmp_path, 'idle-timeout = "none"\n')
    a, b = relay.pair()
    config.write_text('idle-timeout = "200ms"\n')
    relay.signal(signal.SIGHUP)
    assert a.clean_end() == b.clean_end() == b""
    relay.wait_for_ends("idle", 1)


def test_relay_1_comes_and_goes_with_a_restart_alone(start_relay, tmp_path, certificate):
    files = f"cert = {as_toml(certificate.certificate)}\nkey = {as_toml(certificate.key)}\n"
    given = files + 'relay-listen = ["127.0.0.1:0"]\n'
    config, relay = start(start_relay, tmp_path, "")
    config.write_text(given.replace("127.0.0.1:0", "127.0.0.1:10443"))
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.log_lines("needs a restart", "relay-listen"), "the log says that it stays off")
    config, relay = start(start_relay, tmp_path, given)
    config.write_text("# nothing\n")
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.log_lines("reload failed", "no certificate any more"), "the log says that it stays on")


def test_the_pin_file_has_the_new_pin(start_rooms, tmp_path):
    certificate = Certificate(tmp_path, name="old")
    newer = Certificate(tmp_path, name="new")
    pins = tmp_path / "pin"
    relay = start_rooms(cert=certificate.certificate, key=certificate.key, pin_file=pins).relay
    assert pins.read_text() == f"sha256:{certificate.pin}\n"
    assert pins.stat().st_mode & 0o777 == 0o644
    for new, old in ((newer.certificate, certificate.certificate), (newer.key, certificate.key)):
        old.write_bytes(new.read_bytes())
    relay.signal(signal.SIGHUP)
    eventually(lambda: pins.read_text() == f"sha256:{newer.pin}\n", "the new pin is there")
    pins.unlink()
    pins.mkdir()
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.log_lines("the pin could not be written", "Is a directory"), "the log says so")


def test_files_that_hold_something_else_are_named_with_the_new_pin(start_rooms, tmp_path):
    certificate = Certificate(tmp_path, name="old")
    newer = Certificate(tmp_path, name="new")
    access, keys = tmp_path / "access", tmp_path / "keys"
    access.write_text(hashlib.sha256(b"correct-horse").hexdigest() + " alice\n")
    keys.write_text("0" * 64)
    keys.chmod(0o600)
    relay = start_rooms(
        cert=certificate.certificate, key=certificate.key, access="token", access_file=access, token_key_file=keys
    ).relay
    eventually(lambda: relay.log_lines("started", f"pin=sha256:{certificate.pin}"), "the pin is logged")
    reloads = 0

    def reload():
        nonlocal reloads
        relay.signal(signal.SIGHUP)
        reloads += 1
        lines = eventually(lambda: len(found := relay.log_lines("reloaded")) == reloads and found, "reloaded")
        return lines[-1].partition("changed=")[2].partition(" certificate_before=")[0]

    assert reload() == f'"" pin=sha256:{certificate.pin}'
    access.write_text(hashlib.sha256(b"correct-horse").hexdigest() + " bob\n")
    assert reload() == f"access-file pin=sha256:{certificate.pin}"
    certificate.certificate.write_bytes(newer.certificate.read_bytes())
    certificate.key.write_bytes(newer.key.read_bytes())
    keys.write_text("1" * 64)
    assert reload() == f'"cert, token-key-file" pin=sha256:{newer.pin}'


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


# Runs a program with the text of a file on its standard input, as a pipe.
PIPED = ("bash", "-c", 'exec "$@" < <(cat "$0")')


def listing(path, token):
    path.write_text("%s somebody\n" % hashlib.sha256(token.encode()).hexdigest())
    return path


@pytest.mark.parametrize("how", ["standard input", "named pipe"])
def test_a_configuration_that_can_be_read_only_once_stays(start_rooms, tmp_path, how):
    """Without its settings anybody would be let in."""
    given = tmp_path / "given.toml"
    given.write_text('access = "token"\naccess-file = %s\n' % as_toml(listing(tmp_path / "access", "correct-horse")))
    if how == "standard input":
        rooms = start_rooms(config="/dev/stdin", launcher=(*PIPED, given))
    else:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        rooms = start_rooms(config=pipe, launcher=("bash", "-c", 'cat "$0" >"$1" & shift; exec "$@"', given, pipe))
    there = rooms.pair(access="correct-horse")
    for times in (1, 2):  # the first has not held up the thread that takes the second
        rooms.relay.signal(signal.SIGHUP)
        reloaded(rooms.relay, "failed", times)
    assert rooms.relay.log_lines("reload failed", "a pipe", "it could not be read again; restart")
    assert rooms.refused() == "unauthorized"
    rooms.assert_pairs_talk(rooms.pair(access="correct-horse"), there)


def test_a_configuration_that_has_become_empty_stays(start_rooms, tmp_path):
    """Somebody is about to write it. Where it is meant to be empty it has a comment."""
    config = tmp_path / "parley.toml"
    config.write_text('access = "token"\naccess-file = %s\n' % as_toml(listing(tmp_path / "access", "correct-horse")))
    rooms = start_rooms(config=config)
    for times, text in enumerate(("", " \n"), 1):
        config.write_text(text)
        rooms.relay.signal(signal.SIGHUP)
        reloaded(rooms.relay, "failed", times)
        assert rooms.relay.log_lines("reload failed", "/parley.toml: it has become empty; ")
        assert rooms.refused() == "unauthorized"
    config.write_text("# for everybody\n")
    rooms.relay.signal(signal.SIGHUP)
    reloaded(rooms.relay, "ok", 1)
    rooms.assert_pairs_talk(rooms.pair())


FILES = {
    "config": "parley.toml",
    "cert": "cert.pem",
    "key": "key.pem",
    "relay-client-ca": "ca.pem",
    "access-file": "access",
    "token-key-file": "keys",
    "admin-token-file": "admin",
}


@pytest.mark.parametrize("option", FILES)
def test_a_file_that_became_empty_or_a_pipe_changes_nothing(start_relay, tmp_path, certificate, option):
    """Nor does a pipe hold up the thread that handles signals, though nobody ever writes to it."""
    paths = {name: tmp_path / file for name, file in FILES.items()}
    for name in ("cert", "relay-client-ca"):
        paths[name].write_bytes(certificate.certificate.read_bytes())
    paths["key"].write_bytes(certificate.key.read_bytes())
    listing(paths["access-file"], "correct-horse")
    paths["token-key-file"].write_text("0" * 64)
    paths["admin-token-file"].write_text("correct-horse-battery")
    for name in ("key", "token-key-file", "admin-token-file"):
        paths[name].chmod(0o600)
    paths["config"].write_text('access = "token"\nrelay-listen = "127.0.0.1:0"\n' + "".join(
        f"{name} = {as_toml(path)}\n" for name, path in paths.items() if name != "config"
    ))
    relay = start_relay(config=paths["config"])
    given = paths[option].read_bytes()

    def failed(times):
        relay.signal(signal.SIGHUP)
        lines = eventually(lambda: len(found := relay.log_lines("reload failed")) == times and found, "it fails")
        assert f"/{paths[option].name}" in lines[-1]  # the log escapes quotes in the rest of the path

    os.truncate(paths[option], 0)
    failed(1)
    os.remove(paths[option])
    os.mkfifo(paths[option], 0o600)
    failed(2)
    failed(3)
    os.remove(paths[option])
    paths[option].write_bytes(given)
    paths[option].chmod(0o600)
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.log_lines("reloaded", 'changed=""'), "with what it was before it reloads")


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


def test_who_may_come_in(start_rooms, tmp_path):
    listed = tmp_path / "access"

    def allow(token):
        listed.write_text("%s somebody\n" % hashlib.sha256(token.encode()).hexdigest())

    allow("old-token")
    rooms = start_rooms(access="token", access_file=listed)
    there = rooms.pair(access="old-token")
    allow("new-token")
    rooms.relay.signal(signal.SIGHUP)
    reloaded(rooms.relay, "ok", 1)
    assert rooms.refused(access="old-token") == "unauthorized"
    rooms.assert_pairs_talk(rooms.pair(access="new-token"), there)
    listed.write_text("no digest\n")
    rooms.relay.signal(signal.SIGHUP)
    reloaded(rooms.relay, "failed", 1)
    rooms.assert_pairs_talk(rooms.pair(access="new-token"))


def test_how_long_a_place_is_kept(start_rooms, tmp_path):
    """In sessions that begin from then on; the others keep what they were told."""
    config = tmp_path / "parley.toml"
    config.write_text('resume-grace = "10m"\n')
    rooms = start_rooms(config=config)
    from_before, lost = rooms.pair()
    config.write_text('resume-grace = "1s"\n')
    rooms.relay.signal(signal.SIGHUP)
    reloaded(rooms.relay, "ok", 1)
    lost.lose()
    assert from_before.peer_left() == {"reason": "lost", "grace_s": 600}
    first, second = rooms.pair()
    assert first.paired["grace_s"] == 1
    second.lose()
    assert first.peer_left() == {"reason": "lost", "grace_s": 1}
    assert first.peer_left() == {"reason": "closed", "grace_s": 0}
    assert rooms.back(lost).pair()["resumed"] and from_before.pair()["resumed"]


def test_a_reload_while_the_relay_drains(start_relay, tmp_path):
    """It takes the new deadlines still, and neither ends the drain nor opens the relay again."""
    config = tmp_path / "parley.toml"
    config.write_text("")
    relay = start_relay(config=config, drain_timeout="10m")
    a, b = relay.pair()
    relay.signal(signal.SIGTERM)
    eventually(lambda: relay.get("/readyz")[0] == 503, "it drains")
    relay.signal(signal.SIGHUP)
    reloaded(relay, "ok", 1)
    a.say("undisturbed")
    assert b.hear() == "undisturbed"
    assert relay.get("/readyz")[0] == 503
    config.write_text('idle-timeout = "200ms"\n')
    relay.signal(signal.SIGHUP)
    assert a.clean_end() == b.clean_end() == b""
    assert relay.exit_status() == 0
