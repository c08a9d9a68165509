"""What ./dev bench relay measures side by side: parleyd, nginx, HAProxy and the bare loop.

nginx and HAProxy are Debian's, unpacked at build/relays by ./dev, not installed: they would start services. Where they
are not there, those on the PATH are taken. Each relay has one thread that relays.
"""
import atexit
import grp
import os
import pwd
import shutil
import signal
import socket
import sys

from parley_tests import processes
from parley_tests.load import RelayLoad
from parley_tests.ports import lasting_port
from parley_tests.relay import Relay
from parley_tests.server import Server
from parley_tests.waiting import eventually

UNPACKED = os.path.join(processes.ROOT, "build", "relays", "usr")
NGINX = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile {descriptors};
pid {folder}/nginx.pid;
error_log stderr error;
{user}
{load_module}
events {{ worker_connections {descriptors}; }}
stream {{
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.3;
    proxy_pass 127.0.0.1:{upstream_port};
    proxy_timeout 1h;
    proxy_ssl on;
    proxy_ssl_protocols TLSv1.3;
    proxy_ssl_session_reuse off;
  }}
}}
"""
HAPROXY = """\
global
  nbthread 1
  maxconn 9500
  ssl-default-bind-options ssl-min-ver TLSv1.3
  ssl-default-server-options ssl-min-ver TLSv1.3
defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen relay
  bind 127.0.0.1:{port} ssl crt {pem} backlog 4096
  server upstream 127.0.0.1:{upstream_port} ssl verify none no-ssl-reuse
"""
# Connections to nginx's worker are two a pair; HAProxy's maxconn counts pairs and must fit the descriptors.
DESCRIPTORS = 19000


# Told to end, a benchmark ends what it has started (atexit): nginx's worker would outlive a master that is killed.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def unpacked(program):
    path = os.path.join(UNPACKED, "sbin", program)
    return path if os.path.exists(path) else shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")


def environment():
    """With the libraries that were unpacked too."""
    return processes.clean_environment(LD_LIBRARY_PATH=os.path.join(UNPACKED, "lib", os.uname().machine + "-linux-gnu"))


class Own:
    """One of ours, to which the load is two clients; `protocol` is theirs."""

    def __init__(self, server, protocol):
        self._server, self._protocol = server, protocol

    def load(self):
        _, port = self._server.address_of("relay")
        return RelayLoad(port, [self._server.pid], self._protocol)

    def end(self):
        self._server.kill()


class Peer:
    """nginx or HAProxy, started with a configuration of its own, to which the load is client and upstream."""

    def __init__(self, name, command, configuration, processes_wanted, certificate):
        self._port, self._upstream_port, self._certificate = lasting_port(), lasting_port(), certificate
        path = certificate.key.with_name(f"{name}-{self._port}.conf")
        path.write_text(configuration(self._port, self._upstream_port))
        self._process = processes.start([*command, str(path)], env=environment())
        atexit.register(self.end)

        def is_up():
            if self._process.poll() is not None:
                raise SystemExit(f"bench: {name} did not start (status {self._process.poll()})")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self._port)) == 0 and len(self._pids()) >= processes_wanted

        eventually(is_up, f"{name} starts", pause=0.02)

    def _pids(self):
        pid = self._process.pid
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [pid, *map(int, file.read().split())]

    def load(self):
        upstream = ["--upstream-port", self._upstream_port, "--cert", self._certificate.certificate, "--key",
                    self._certificate.key]
        return RelayLoad(self._port, self._pids(), "upstream", upstream)

    def end(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


def nginx(certificate):
    module = next((path for path in (os.path.join(UNPACKED, "lib/nginx/modules/ngx_stream_module.so"),
                                     "/usr/lib/nginx/modules/ngx_stream_module.so") if os.path.exists(path)), None)
    user = "user %s %s;" % (pwd.getpwuid(0).pw_name, grp.getgrgid(0).gr_name) if os.getuid() == 0 else ""

    def configuration(port, upstream_port):
        return NGINX.format(port=port, upstream_port=upstream_port, certificate=certificate.certificate,
                            key=certificate.key, folder=certificate.key.parent, descriptors=DESCRIPTORS, user=user,
                            load_module="load_module %s;" % module if module else "")

    return Peer("nginx", [unpacked("nginx"), "-e", "stderr", "-c"], configuration, 2, certificate)


def haproxy(certificate):
    both = certificate.key.with_name("both.pem")
    both.write_text(certificate.certificate.read_text() + certificate.key.read_text())

    def configuration(port, upstream_port):
        return HAPROXY.format(port=port, upstream_port=upstream_port, pem=both)

    return Peer("haproxy", [unpacked("haproxy"), "-q", "-db", "-f"], configuration, 1, certificate)


def floor(certificate):
    """Any two who come one after the other are a pair: TLS and nothing else."""
    return Own(Server("floor", [processes.program("floor"), certificate.certificate, certificate.key]), "pairs")


def parleyd(certificate):
    """As shipped, but for one shard, for the limits of connections per address, which Relay lifts, and for the making
    of classic keys ahead."""
    relay = Relay(classic_listen="none", admin_listen="none", relay_listen="127.0.0.1:0", cert=certificate.certificate,
                  key=certificate.key, shards=1, workers=1, handshake_timeout=None, log_level="warning")
    return Own(relay, "relay/1")


def first_line(*command):
    said = processes.run(command, env=environment())
    return (said.stdout + said.stderr).splitlines()[0]


RELAYS = {"parleyd": parleyd, "nginx": nginx, "haproxy": haproxy, "floor": floor}
NAMES = {"parleyd": "Parley", "nginx": "nginx `stream`", "haproxy": "HAProxy, TCP mode", "floor": "floor (bare loop)"}


def versions():
    """Of the references: the program's own words, or "missing"."""
    found = {"floor": "bench/floor.cc"}
    for name, option in (("nginx", "-v"), ("haproxy", "-v")):
        found[name] = first_line(unpacked(name), option) if unpacked(name) else "missing"
    return found
