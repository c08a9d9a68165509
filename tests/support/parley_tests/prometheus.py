"""A real Prometheus that scrapes a relay."""

import json
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from . import ports, processes
from .output import Output
from .waiting import eventually

# Names of files are relative: for Prometheus those of rules are patterns, with the folder that they are in.
_CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: parley
    static_configs: [{{targets: ["{target}"]}}]
  - job_name: probe
    static_configs: [{{targets: [{probers}]}}]
"""


class Prometheus:
    """`rules`: files of them, each with a name of its own that is plain."""

    def __init__(self, directory, target, rules=(), probers=()):
        for file in rules:
            shutil.copy(file, directory)
        config = _CONFIG.format(target=target, probers=", ".join(probers), rules=", ".join(file.name for file in rules))
        (directory / "prometheus.yml").write_text(config)
        self._address = f"127.0.0.1:{ports.lasting_port()}"
        self._output = Output()
        self._process = processes.start(
            [
                "prometheus",
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                f"--web.listen-address={self._address}",
            ],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def ask(self, path, **parameters):
        """The data of its API's answer; nothing while it is starting. It says what is wrong with a question."""
        url = f"http://{self._address}/api/v1/{path}?" + urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return json.load(response)["data"]
        except urllib.error.HTTPError as error:
            assert error.code == 503, f"{parameters}: {error.read().decode()}"
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert self._process.poll() is None, f"prometheus ended: {self._output.text()[-3000:]}"
        return {}

    def query(self, expression):
        """The values found, as numbers; none while Prometheus is starting."""
        return [float(one["value"][1]) for one in self.ask("query", query=expression).get("result", [])]

    def wait_for(self, expression, value):
        eventually(lambda: self.query(expression) == [value], f"{expression} is {value}", pause=0.1)

    def close(self):
        self._process.kill()
        self._process.wait()
