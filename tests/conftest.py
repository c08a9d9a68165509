"""Fixtures of the protocol and the end-to-end tests: a relay of the real binary, and clients that are closed
when the test ends. PARLEY_BIN_DIR says where the programs are (build/bin by default)."""

import faulthandler
import functools
import signal
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent / "support"))

from parley_tests import relay as relays  # noqa: E402
from parley_tests.certificates import Certificate  # noqa: E402
from parley_tests.chat_client import ChatClient  # noqa: E402
from parley_tests.clients import BlockClient, OriginalClient, Wire  # noqa: E402
from parley_tests.lying_relay import LyingRelay  # noqa: E402
from parley_tests.rooms import RELAY_ALONE, Rooms  # noqa: E402
from parley_tests.memory import is_sanitized  # noqa: E402
from parley_tests.processes import program  # noqa: E402
from parley_tests.programs import MortalRelay, Program, classic, random22  # noqa: E402
from parley_tests.relay_client import RelayClient  # noqa: E402
from parley_tests.waiting import PATIENCE, eventually  # noqa: E402


def pytest_sessionstart(session):
    """What pytest takes for the width of a log leaves no room for the reason why a test failed."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if reporter and not sys.stdout.isatty():
        session.config.get_terminal_writer().fullwidth = 400


@functools.cache
def _limit(folder):
    """Seconds for a test, and as many for its fixtures before it and after it: the longest wait in any, and more.
    Those of deploy/ build images."""
    long = folder == "deploy" or is_sanitized(program("parleyd"))
    return int(PATIENCE * (30 if long else 10))


@pytest.hookimpl(hookwrapper=True)
def _within_the_limit(item):
    """What waits for ever fails, and shows where. Should even that be caught, the run ends a minute later."""

    def over(number, frame):
        pytest.fail(f"not done within {limit} s")

    limit = _limit(item.path.parent.name)
    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(limit)
    faulthandler.dump_traceback_later(limit + 60, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


pytest_runtest_setup = pytest_runtest_call = pytest_runtest_teardown = _within_the_limit


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for relay in relays.started:
            report.sections.append((f"parleyd {relay.pid} standard error", relay.log()[-6000:]))


@pytest.fixture
def clients():
    """Whatever has a close() and is put here is closed when the test ends."""
    opened = []
    yield opened
    for client in reversed(opened):
        client.close()


class RelayUnderTest:
    """A relay and the verbs to connect to it."""

    def __init__(self, relay, clients):
        self.relay = relay
        self._clients = clients

    def __getattr__(self, name):
        return getattr(self.relay, name)

    def wire(self, **options):
        return self._opened(Wire(self.relay.classic, **options))

    def original(self, **options):
        """A client that behaves exactly as the original project's."""
        return self._opened(OriginalClient(self.relay.classic, **options))

    def client(self, **options):
        """A client of today: reads exact blocks, any size of key."""
        return self._opened(BlockClient(self.relay.classic, **options))

    def pair(self, first=None, second=None):
        """Two clients of today in one session, in the order in which they came."""
        return self._paired(lambda: self.client(**(first or {})), lambda: self.client(**(second or {})))

    def originals(self):
        return self._paired(self.original, self.original)

    def _paired(self, connect_first, connect_second):
        a = connect_first()
        self.wait_for_lobby(1)
        with self.one_more_session():
            b = connect_second()
        return a, b

    def parley(self, *arguments):
        return self._opened(classic(self.relay.classic, *arguments))

    def assert_chat_works(self):
        """Two newcomers find each other and nobody else."""
        a, b = self.pair()
        a.say("question")
        assert b.hear() == "question"
        b.say("answer")
        assert a.hear() == "answer"
        a.close()
        b.close()

    def _opened(self, client):
        self._clients.append(client)
        return client


@pytest.fixture
def start_relay(clients):
    """Starts relays of their own for one test: start_relay(handshake_timeout="1s", ...)."""
    started = []

    def start(**options):
        relay = relays.Relay(**options)
        started.append(relay)
        return RelayUnderTest(relay, clients)

    yield start
    for client in clients:
        client.close()
    failures = [relay.stop() for relay in started]
    assert not any(failures), "\n".join(filter(None, failures))


_common = {}


def _common_relay(name, clients, **options):
    relay = _common.get(name)
    if relay is None or not relay.is_running():
        relay = _common[name] = relays.Relay(**options)
    yield RelayUnderTest(relay, clients)
    for client in clients:
        client.close()
    # Every test must leave the relay as it found it: nobody connected, nothing held.
    try:
        eventually(lambda: relay.metric("parley_connections") == 0, "every leg is gone")
        assert relay.metric("parley_lobby_legs") == 0
        assert relay.metric("parley_sessions") == 0
        assert relay.metric("parley_buffered_bytes") == 0
    except BaseException:
        del _common[name]
        relay.kill()
        raise


@pytest.fixture
def relay(clients):
    """A relay that tests share one after the other."""
    yield from _common_relay("shared", clients)


@pytest.fixture
def fresh_key_relay(clients):
    """As shipped, with a key for each connection."""
    yield from _common_relay("per-connection", clients, classic_keys="per-connection", classic_key_pool="8")


@pytest.fixture(scope="session", autouse=True)
def _stop_common_relays():
    yield
    failures = [relay.stop() for relay in _common.values()]
    assert not any(failures), "\n".join(filter(None, failures))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """For the relays of a test run."""
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def start_rooms(start_relay, clients, certificate):
    """Starts parleyd for relay/1 alone: start_rooms(resume_grace="1s", ...)."""

    def start(**options):
        identity = {"cert": certificate.certificate, "key": certificate.key}
        relay = start_relay(**RELAY_ALONE | identity | options)
        return Rooms(relay.address_of("relay"), certificate.pin, clients, relay)

    return start


@pytest.fixture
def mortal_relay(clients, tmp_path, certificate):
    """A relay for relay/1 that a test may kill and start again."""
    relay = MortalRelay(tmp_path, certificate)
    clients.append(relay)
    return relay


@pytest.fixture
def double(clients):
    """A test double of a relay for one test, which may give it orders."""
    relay = LyingRelay().start()
    clients.append(relay)
    return relay


@pytest.fixture
def meet(double, clients, tmp_path):
    """meet("chat", ...): the program, the other side of its conversation (`hello`: more members of its HELLO), and the
    connection to the relay that this one has."""

    def start(*command, **hello):
        room = random22()
        connection = RelayClient(double.address, pin=double.pin).hello(room)
        clients.append(connection)
        connection.wait()
        program = Program(*command, *double.options, "--room", room, directory=tmp_path)
        clients.append(program)
        connection.pair()
        return program, ChatClient(connection, **hello), connection

    return start


@pytest.fixture(scope="session")
def _double():
    relay = LyingRelay().start()
    yield relay
    relay.close()


@pytest.fixture
def parleyd_rooms(clients, certificate):
    """A parleyd that tests share one after the other, each in its own rooms."""
    relay = _common.get("rooms")
    if relay is None or not relay.is_running():
        identity = {"cert": certificate.certificate, "key": certificate.key}
        relay = _common["rooms"] = relays.Relay(**RELAY_ALONE | identity)
    yield Rooms(relay.address_of("relay"), certificate.pin, clients, RelayUnderTest(relay, clients))
    for client in clients:
        client.close()


@pytest.fixture(params=["parleyd", "double"])
def rooms(request, clients):
    """The real relay and, so that tests of clients may rely on it, its test double."""
    if request.param == "parleyd":
        yield request.getfixturevalue("parleyd_rooms")
        return
    double = request.getfixturevalue("_double")
    yield Rooms(double.address, double.pin, clients)
    for client in clients:
        client.close()
