"""`parleyd healthcheck` and `parleyd ctl` without options ask the relay that runs beside them, however that was started: as
in a container, whose health check knows nothing of the command line."""

import json

import pytest

from parley_tests import processes
from parley_tests.ports import lasting_port

pytestmark = pytest.mark.needs_root

# The relay is started in a folder of its own, and asked from another.
SCRIPT = """
parleyd=$1
mkfifo started
env "${@:2}" 2>log >started &
exec 3<started
while read -r line <&3 && [ "$line" != ready ]; do :; done
cd /
"$parleyd" healthcheck >&2
echo "health $?" >&2
exec "$parleyd" ctl status --json
"""


@pytest.fixture
def asked(tmp_path):
    """What ctl answers, and what is said meanwhile, where nobody else's processes are seen."""

    def ask(*started):
        launcher = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
        parleyd = processes.program("parleyd")
        done = processes.run([*launcher, "bash", "-c", SCRIPT, "bash", parleyd, *started], cwd=tmp_path)
        if "unshare" in done.stderr:
            pytest.skip("no namespaces: " + done.stderr.strip())
        return done

    return ask


@pytest.mark.parametrize("how", ["argument", "environment", "file"])
def test_it_is_found_however_it_was_started(asked, tmp_path, how):
    where = f"127.0.0.1:{lasting_port()}"
    (tmp_path / "parleyd.toml").write_text(f"admin-listen = '{where}'\n")
    given = {
        "argument": [processes.program("parleyd"), "--admin-listen", where],
        "environment": [f"PARLEY_ADMIN_LISTEN={where}", processes.program("parleyd")],
        "file": [processes.program("parleyd"), "--config", "parleyd.toml"],
    }[how]
    done = asked(*given, "--classic-listen", "127.0.0.1:0", "--classic-keys", "shared")
    assert "health 0" in done.stderr, done.stderr
    assert "state" in json.loads(done.stdout)


def test_without_one_nothing_is_made_up(asked):
    done = asked("echo", "ready")
    assert done.returncode == 3 and "health 1" in done.stderr and "127.0.0.1:8080" in done.stderr
