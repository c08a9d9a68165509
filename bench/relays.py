"""What ./dev bench relay measures side by side: parleyd, nginx, HAProxy and the bare loop.

nginx and HAProxy are Debian's, unpacked at build/relays by ./dev, not installed: they would start services. Where they
are not there, those on the PATH are taken. Each relay has one thread that relays.
"""
import atexit
import os
import pwd
import grp
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from processes import PROGRAMS, ROOT, Asked, Relay

UNPACKED = os.path.join(ROOT, "build", "relays", "usr")
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


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Certificate:
    """ECDSA P-256, the same for all relays and for the end that nginx and HAProxy connect to."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="parley-bench-")
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.certificate, self.key = (os.path.join(self.folder, name) for name in ("certificate.pem", "key.pem"))
        self.both = os.path.join(self.folder, "both.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", self.key, "-out", self.certificate], check=True, capture_output=True)
        with open(self.both, "w") as both:
            for path in (self.certificate, self.key):
                with open(path) as file:
                    both.write(file.read())


def unpacked(program):
    path = os.path.join(UNPACKED, "sbin", program)
    return path if os.path.exists(path) else shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")


class Peer:
    """nginx or HAProxy, started with a configuration of its own; ready when made."""

    protocol = "upstream"

    def __init__(self, name, command, processes, port, upstream_port):
        libraries = os.path.join(UNPACKED, "lib", "%s-linux-gnu" % os.uname().machine)
        self.process = subprocess.Popen(command, env={**os.environ, "LD_LIBRARY_PATH": libraries})
        atexit.register(self.end)  # before the folder goes that its files are in
        self.ports, self.upstream_port = {"relay": port}, upstream_port
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                if len(self.pids()) >= processes:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("bench: %s did not start (status %s)" % (name, self.process.poll()))
            time.sleep(0.02)

    def pids(self):
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as file:
            return [self.process.pid] + [int(pid) for pid in file.read().split()]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def nginx(certificate):
    program, port, upstream_port = unpacked("nginx"), free_port(), free_port()
    module = next((path for path in (os.path.join(UNPACKED, "lib/nginx/modules/ngx_stream_module.so"),
                                     "/usr/lib/nginx/modules/ngx_stream_module.so") if os.path.exists(path)), None)
    user = "user %s %s;" % (pwd.getpwuid(0).pw_name, grp.getgrgid(0).gr_name) if os.getuid() == 0 else ""
    path = os.path.join(certificate.folder, "nginx-%d.conf" % port)
    with open(path, "w") as file:
        file.write(NGINX.format(port=port, upstream_port=upstream_port, certificate=certificate.certificate,
                                key=certificate.key, folder=certificate.folder, descriptors=DESCRIPTORS, user=user,
                                load_module="load_module %s;" % module if module else ""))
    return Peer("nginx", [program, "-e", "stderr", "-c", path], 2, port, upstream_port)


def haproxy(certificate):
    port, upstream_port = free_port(), free_port()
    path = os.path.join(certificate.folder, "haproxy-%d.cfg" % port)
    with open(path, "w") as file:
        file.write(HAPROXY.format(port=port, upstream_port=upstream_port, pem=certificate.both))
    return Peer("haproxy", [unpacked("haproxy"), "-q", "-db", "-f", path], 1, port, upstream_port)


def floor(certificate):
    relay = Relay([os.path.join(PROGRAMS, "floor"), certificate.certificate, certificate.key])
    relay.protocol = "pairs"
    return relay


def parleyd(certificate, *options):
    return Relay.parleyd("--classic-listen", "none", "--relay-listen", "127.0.0.1:0", "--cert", certificate.certificate,
                         "--key", certificate.key, "--shards", "1", "--workers", "1", "--classic-keys", "shared", *options)


def first_line(*command):
    libraries = os.path.join(UNPACKED, "lib", "%s-linux-gnu" % os.uname().machine)
    said = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LD_LIBRARY_PATH": libraries})
    return (said.stdout + said.stderr).splitlines()[0]


RELAYS = {"parleyd": parleyd, "nginx": nginx, "haproxy": haproxy, "floor": floor}
NAMES = {"parleyd": "Parley", "nginx": "nginx `stream`", "haproxy": "HAProxy, TCP mode", "floor": "floor (bare loop)"}


def versions():
    """Of the references: the program's own words, or "missing"."""
    found = {"floor": "bench/floor.cc"}
    for name, option in (("nginx", "-v"), ("haproxy", "-v")):
        found[name] = first_line(unpacked(name), option) if unpacked(name) else "missing"
    return found


class RelayLoad(Asked):
    def __init__(self, relay, certificate):
        command = [os.path.join(PROGRAMS, "relay_load"), "--protocol", relay.protocol, "--port", str(relay.ports["relay"])]
        for pid in relay.pids():
            command += ["--relay-pid", str(pid)]
        if relay.protocol == "upstream":
            command += ["--upstream-port", str(relay.upstream_port), "--cert", certificate.certificate, "--key",
                        certificate.key]
        super().__init__(command)
        self.ask("idle")  # the relay may still be making keys

    def memory(self):
        return self.ask("memory")["resident"]
