"""A real Prometheus that scrapes a relay."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from . import ports, processes
from .output import Output
from .waiting import eventually

_CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: parley
    static_configs: [{{targets: ["{target}"]}}]
"""


class Prometheus:
    def __init__(self, directory, target):
        config = directory / "prometheus.yml"
        config.write_text(_CONFIG.format(target=target))
        self._address = f"127.0.0.1:{ports.lasting_port()}"
        self._output = Output()
        self._process = processes.start(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address={self._address}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def query(self, expression):
        """The values found, as numbers; none while Prometheus is starting."""
        url = f"http://{self._address}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                found = json.load(response)["data"]["result"]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert self._process.poll() is None, "prometheus ended"
            return []
        return [float(one["value"][1]) for one in found]

    def wait_for(self, expression, value):
        eventually(lambda: self.query(expression) == [value], f"{expression} is {value}", pause=0.1)

    def close(self):
        self._process.kill()
        self._process.wait()
