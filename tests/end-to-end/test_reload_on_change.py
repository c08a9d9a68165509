"""--reload-on-change: files that are replaced under a relay are taken when they fit, as certbot and Kubernetes replace
them, and nobody is disturbed."""

import os
import random

import pytest

from parley_tests.certificates import Certificate
from parley_tests.relay_client import RelayClient
from parley_tests.waiting import eventually


@pytest.fixture
def certificates(tmp_path):
    """Two, the old one and the new one."""
    return [Certificate(tmp_path, name=name) for name in ("old", "new")]


@pytest.fixture
def start(start_rooms, certificates):
    def start(cert, key, **options):
        rooms = start_rooms(cert=cert, key=key, reload_on_change=True, **options)
        rooms.pin = certificates[0].pin
        return rooms

    return start


def shows(rooms, certificate):
    return rooms.relay.json("/api/v1/status")["certificate"]["pin"] == f"sha256:{certificate.pin}"


def taken(rooms, certificate, talking):
    """It is in use soon, told in log and metric, and those who talk go on."""
    eventually(lambda: shows(rooms, certificate), lambda: rooms.relay.log())
    RelayClient(rooms.address, pin=certificate.pin).close()
    assert rooms.relay.log_lines("files have changed") and rooms.relay.log_lines("reloaded", "changed=", "cert")
    assert rooms.relay.metric("parley_reloads_total", result="ok") == 1
    rooms.assert_pairs_talk(talking)


def link(target, path):
    """Makes or replaces it."""
    new = path.with_name(path.name + ".new")
    new.symlink_to(target)
    new.rename(path)


def test_as_kubernetes_renews_a_secret(start, certificates, tmp_path):
    mount = tmp_path / "tls"
    mount.mkdir()

    def project(number, certificate):
        folder = mount / f"..{number}"
        folder.mkdir()
        (folder / "tls.crt").write_bytes(certificate.certificate.read_bytes())
        (folder / "tls.key").write_bytes(certificate.key.read_bytes())
        (folder / "tls.key").chmod(0o600)
        link(folder.name, mount / "..data")

    project(1, certificates[0])
    for name in ("tls.crt", "tls.key"):
        (mount / name).symlink_to(f"..data/{name}")
    rooms = start(mount / "tls.crt", mount / "tls.key")
    talking = rooms.pair()
    project(2, certificates[1])
    taken(rooms, certificates[1], talking)


def test_as_certbot_renews_one_file_after_the_other(start, certificates, tmp_path):
    live = tmp_path / "live"
    live.mkdir()

    def renew(certificate):
        link(certificate.certificate, live / "fullchain.pem")
        link(certificate.key, live / "privkey.pem")

    renew(certificates[0])
    rooms = start(live / "fullchain.pem", live / "privkey.pem")
    talking = rooms.pair()
    renew(certificates[1])
    taken(rooms, certificates[1], talking)
    assert rooms.relay.metric("parley_reloads_total", result="failed") == 0


def test_what_does_not_fit_is_not_taken_and_said(start, certificates, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    old, new = certificates
    link(old.certificate, cert)
    link(old.key, key)
    rooms = start(cert, key)
    link(new.certificate, cert)
    eventually(lambda: rooms.relay.log_lines("reload failed"), "the log says so")
    assert shows(rooms, old)
    rooms.assert_pairs_talk()
    link(new.key, key)
    eventually(lambda: shows(rooms, new), lambda: rooms.relay.log())


def test_a_thousand_half_written_states(start, certificates, tmp_path):
    """Of a writer who is at it: whatever the files hold meanwhile, nothing of it is taken."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    old, new = certificates
    for path, its in ((cert, old.certificate), (key, old.key)):
        path.touch(mode=0o600)
        path.write_bytes(its.read_bytes())
    rooms = start(cert, key)
    talking = rooms.pair()
    chance = random.Random(1)
    for state in range(1000):
        path, its = chance.choice(((cert, new.certificate), (key, new.key)))
        whole = its.read_bytes()
        path.write_bytes(whole[: chance.randrange(len(whole))])
        if state % 50 == 0:
            assert shows(rooms, old)
    rooms.assert_pairs_talk(talking)
    assert not rooms.relay.log_lines("reloaded")
    for path, its in ((cert, new.certificate), (key, new.key)):
        path.write_bytes(its.read_bytes())
    eventually(lambda: shows(rooms, new), lambda: rooms.relay.log())
    rooms.assert_pairs_talk(talking)


def test_the_admin_token(start, certificates, tmp_path):
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text("the-first-of-the-tokens\n")
    rooms = start(certificates[0].certificate, certificates[0].key, admin_token_file=token)

    def status(word):
        return rooms.relay.get("/api/v1/status", {"Authorization": f"Bearer {word}"})[0]

    assert (status("the-first-of-the-tokens"), status("the-second-of-the-tokens")) == (200, 401)
    os.replace(_written(tmp_path / "next", "the-second-of-the-tokens\n"), token)
    eventually(lambda: status("the-second-of-the-tokens") == 200, lambda: rooms.relay.log())
    assert status("the-first-of-the-tokens") == 401
    assert "the-second" not in rooms.relay.log()


def _written(path, text):
    path.touch(mode=0o600)
    path.write_text(text)
    return path

