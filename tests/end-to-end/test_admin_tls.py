"""The admin endpoint inside TLS: who asks by it is answered, who does not is not, a reload gives new connections the new
certificate, and parleyd's own questions come through, whatever the certificate says."""

import http.client
import json
import socket
import ssl

import pytest

from parley_tests import processes
from parley_tests.certificates import Certificate
from parley_tests.relay import as_toml


class Https:
    """Requests on connections of their own, to a relay that is known by that certificate."""

    def __init__(self, relay, certificate, own=None):
        self._address = relay.admin
        self._context = ssl.create_default_context(cafile=certificate)
        if own:
            self._context.load_cert_chain(*own)

    def call(self, method, path, body=None):
        connection = http.client.HTTPSConnection(*self._address, context=self._context, timeout=60)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def get(self, path):
        return self.call("GET", path)


@pytest.fixture
def admin(tmp_path):
    (tmp_path / "admin").mkdir()
    return Certificate(tmp_path / "admin", name="admin")


@pytest.fixture
def relay(start_relay, admin):
    return start_relay(admin_cert=admin.certificate, admin_key=admin.key)


def asks(relay, *arguments, **options):
    where = "%s:%d" % relay.admin
    given = [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), str(value))]
    command = [processes.program("parleyd"), *arguments, "--admin-listen", where, *given]
    return processes.run(command, env=processes.clean_environment(), input="")


def test_requests_and_answers_of_any_length(relay, admin):
    https = Https(relay, admin.certificate)
    assert https.get("/healthz") == (200, "ok\n")
    status, page = https.get("/")
    assert status == 200 and page.endswith("</html>\n")
    assert https.call("PUT", "/api/v1/log-level", json.dumps({"level": "debug"}))[0] == 200
    assert https.call("POST", "/api/v1/keys/rotate", " " * 66_000)[0] == 413
    connection = http.client.HTTPSConnection(*relay.admin, context=https._context, timeout=60)
    for _ in range(3):  # one after the other on a connection
        connection.request("GET", "/metrics")
        assert connection.getresponse().read().startswith(b"# HELP")
    connection.close()


def test_only_tls_1_3_and_nothing_in_the_clear(relay, admin):
    with socket.create_connection(relay.admin, timeout=60) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = plain.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 400 ") and b"https" in answer
    old = ssl.create_default_context(cafile=admin.certificate)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(relay.admin, timeout=60) as sock, pytest.raises((ssl.SSLError, ConnectionError)):
        old.wrap_socket(sock, server_hostname="localhost")
    assert Https(relay, admin.certificate).get("/healthz")[0] == 200


def test_those_who_never_greet_leave_room_for_others(relay, admin):
    silent = [socket.create_connection(relay.admin, timeout=60) for _ in range(100)]
    assert Https(relay, admin.certificate).get("/healthz")[0] == 200
    for sock in silent:
        sock.close()


def test_healthcheck_and_ctl(relay, admin, tmp_path):
    own = {"admin_cert": admin.certificate, "admin_key": admin.key}
    assert asks(relay, "healthcheck", **own).returncode == 0
    assert json.loads(asks(relay, "ctl", "status", "--json", **own).stdout)["state"] == "ready"
    assert asks(relay, "ctl", "status", admin_cert=admin.certificate).returncode == 0  # on another machine
    assert asks(relay, "healthcheck").returncode == 1
    (tmp_path / "other").mkdir()
    other = Certificate(tmp_path / "other")
    wrong = asks(relay, "ctl", "status", admin_cert=other.certificate)
    assert wrong.returncode == 3 and str(other.certificate) in wrong.stderr


def test_an_expired_certificate_of_another_name_is_still_the_relays_own(start_relay, admin):
    admin.expire()
    relay = start_relay(admin_cert=admin.certificate, admin_key=admin.key)
    assert asks(relay, "healthcheck", admin_cert=admin.certificate, admin_key=admin.key).returncode == 0


def test_clients_that_must_show_a_certificate(start_relay, admin, tmp_path):
    authority = Certificate(tmp_path, name="authority", subject="authority")
    relay = start_relay(admin_cert=admin.certificate, admin_key=admin.key, admin_client_ca=authority.certificate)
    assert Https(relay, admin.certificate, own=authority.issue("operator")).get("/api/v1/status")[0] == 200
    for own in (None, Certificate(tmp_path, name="stranger").issue("mallory")):
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            Https(relay, admin.certificate, own=own).get("/healthz")
    assert asks(relay, "healthcheck", admin_cert=admin.certificate, admin_key=admin.key).returncode == 0
    assert asks(relay, "healthcheck", admin_cert=admin.certificate).returncode == 1


def test_a_reload_takes_the_new_certificate_or_keeps_the_old(start_relay, admin, tmp_path):
    config = tmp_path / "parley.toml"
    config.write_text(f"admin-cert = {as_toml(admin.certificate)}\nadmin-key = {as_toml(admin.key)}\n")
    relay = start_relay(config=config)
    https = Https(relay, admin.certificate)
    status, report = https.call("POST", "/api/v1/reload")
    assert (status, json.loads(report)["changed"]) == (200, [])

    old = admin.certificate.read_bytes()
    admin.certificate.write_text("no certificate")
    status, problem = https.call("POST", "/api/v1/reload")
    assert status == 422 and "--admin-cert" in json.loads(problem)["detail"]
    assert https.get("/healthz")[0] == 200

    admin.certificate.write_bytes(old)
    kept = http.client.HTTPSConnection(*relay.admin, context=https._context, timeout=60)
    kept.request("GET", "/healthz")
    assert kept.getresponse().read() == b"ok\n"
    admin.renew()
    status, report = https.call("POST", "/api/v1/reload")
    assert (status, json.loads(report)["changed"]) == (200, ["admin-cert"])
    assert Https(relay, admin.certificate).get("/healthz")[0] == 200
    with pytest.raises(ssl.SSLError):
        https.get("/healthz")
    kept.request("GET", "/healthz")
    assert kept.getresponse().read() == b"ok\n"
    kept.close()


@pytest.mark.parametrize(
    "options, words",
    [
        ({"admin_cert": "{cert}"}, "--admin-key"),
        ({"admin_key": "{key}"}, "--admin-cert"),
        ({"admin_client_ca": "{cert}"}, "without TLS"),
        ({"admin_cert": "{key}", "admin_key": "{key}"}, "--admin-cert"),
        ({"admin_cert": "{cert}", "admin_key": "{other}"}, "not the key of"),
        ({"admin_cert": "/nowhere", "admin_key": "{key}"}, "/nowhere"),
    ],
)
def test_what_cannot_be_right_is_said_at_the_start(admin, tmp_path, options, words):
    (tmp_path / "other").mkdir()
    other = Certificate(tmp_path / "other").key
    given = []
    for name, value in options.items():
        value = value.format(cert=admin.certificate, key=admin.key, other=other)
        given += ["--" + name.replace("_", "-"), value]
    for mode in (["--check-config"], []):
        command = [processes.program("parleyd"), "--classic-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", *mode]
        done = processes.run([*command, *given], env=processes.clean_environment(), input="")
        assert done.returncode in (1, 2) and words in done.stderr, done.stderr
        assert len(done.stderr.splitlines()) == 1
