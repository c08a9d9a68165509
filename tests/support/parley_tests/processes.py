"""Starting programs so that none outlives the tests."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)  # of a terminal
_SETPRIV, _ENV = shutil.which("setpriv"), shutil.which("env")


def program(name):
    directory = Path(os.environ.get("PARLEY_BIN_DIR", ROOT / "build" / "bin"))
    path = (directory / name).resolve()
    if not path.exists():
        raise FileNotFoundError(f"{path}: build it first (./dev build)")
    return str(path)


def login_name():
    """Of who runs the tests; empty when nobody can log in by it."""
    try:
        user = pwd.getpwuid(os.getuid())
    except KeyError:
        return ""
    return "" if user.pw_shell.endswith(("/nologin", "/false")) else user.pw_name


def as_from_a_terminal():
    """For preexec_fn: the kernel kills the program when the test run ends, however it ends. And a terminal's signals
    reach it also when the run was started in the background or by nohup, which have them ignored."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def _from_a_terminal(command):
    """The same as a command. A preexec_fn makes Python copy all its pages for each program that it starts (fork instead
    of vfork), which costs several times what these do."""
    launcher = [_SETPRIV, "--pdeathsig", "KILL", "--"]
    if any(signal.getsignal(number) == signal.SIG_IGN for number in _SIGNALS):
        launcher += [_ENV, "--default-signal=" + ",".join(str(int(number)) for number in _SIGNALS)]
    return [*launcher, *command]


def clean_environment(**more):
    """The caller's, locale and time zone too, without settings of Parley that its shell, or home, may have. Nobody has a
    name in it: on a terminal that would be who runs the tests. AddressSanitizer does not look for leaks at the end, which
    is half of what a short run costs it; relays override that, and what the client does has unit tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PARLEY_") and k != "NOTIFY_SOCKET"}
    own = {"XDG_CONFIG_HOME": "/dev/null", "XDG_STATE_HOME": "/dev/null", "PARLEY_NAME": "none"}
    own["LSAN_OPTIONS"] = "detect_leaks=0"
    return kept | own | more


def start(command, **options):
    options.setdefault("env", clean_environment())
    return subprocess.Popen(_from_a_terminal(command), **options)


def run(command, timeout=60, **options):
    """Runs to the end; returns subprocess.CompletedProcess with text, unless options say otherwise."""
    options = {"env": clean_environment(), "text": True} | options
    return subprocess.run(_from_a_terminal(command), timeout=timeout, capture_output=True, **options)
