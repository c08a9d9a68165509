"""A certificate that has expired, or soon will, is no secret: the log, readiness, the status and a metric say so."""

import datetime
import signal

from parley_tests.certificates import Certificate
from parley_tests.waiting import eventually


def says(relay, words):
    """In the list of checks. The other protocol is served all the same, and who knows the relay by its pin."""
    assert relay.get("/readyz") == (200, "ready\n")
    return any(line.startswith(words) for line in relay.get("/readyz?verbose")[1].splitlines())


def start(start_rooms, certificate):
    return start_rooms(cert=certificate.certificate, key=certificate.key).relay


def days_left(relay):
    expires = relay.json("/api/v1/status")["certificate"]["expires"]
    moment = datetime.datetime.strptime(expires, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    assert relay.metric("parley_certificate_expiry_timestamp_seconds") == moment.timestamp()
    return (moment - datetime.datetime.now(datetime.timezone.utc)) / datetime.timedelta(days=1)


def test_an_expired_certificate_until_a_reload_brings_a_good_one(start_rooms, tmp_path):
    certificate = Certificate(tmp_path, days=60)
    good = certificate.certificate.read_bytes()
    certificate.expire()
    expired = certificate.certificate.read_bytes()
    relay = start(start_rooms, certificate)
    assert says(relay, "[!] relay certificate: expired 2020-02-01T00:00:00.000Z")
    eventually(lambda: relay.log_lines(" error certificate has expired expires=2020-02-01"), "it is logged")
    assert days_left(relay) < 0

    certificate.certificate.write_bytes(good)
    relay.signal(signal.SIGHUP)
    eventually(lambda: says(relay, "[+] relay certificate: expires 20"), "it is taken")
    assert 59 < days_left(relay) < 61
    eventually(lambda: relay.log_lines("reloaded"), "reloaded")

    certificate.certificate.write_bytes(expired)
    relay.signal(signal.SIGHUP)
    eventually(lambda: len(relay.log_lines("certificate has expired")) == 2, "it is logged at a reload too")
    assert says(relay, "[!] relay certificate: expired 2020")


def test_one_that_soon_expires_is_warned_of(start_rooms, tmp_path):
    relay = start(start_rooms, Certificate(tmp_path, days=13))
    eventually(lambda: relay.log_lines(" warning certificate expires soon expires=20"), "it is logged")
    assert says(relay, "[+] relay certificate: expires 20")


def test_of_one_with_time_nothing_is_said(start_rooms, tmp_path):
    relay = start(start_rooms, Certificate(tmp_path, days=15))
    eventually(lambda: relay.log_lines("started"), "started")
    assert relay.get("/readyz")[0] == 200
    assert not relay.log_lines("certificate")


def test_dates_of_a_self_signed_one_do_not_matter(start_relay, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    certificate = Certificate(made)
    certificate.expire()
    certificate.certificate.rename(made / "cert.pem")
    certificate.key.rename(made / "key.pem")
    relay = start_relay(classic_listen="none", relay_listen="127.0.0.1:0", self_signed=made)
    assert relay.get("/readyz")[0] == 200
    shown = relay.json("/api/v1/status")["certificate"]
    assert (shown["pin"], shown["expires"]) == ("sha256:" + certificate.pin, None)
    assert not relay.log_lines("certificate")
