"""The Dockerfile, as a text: runs where no engine does."""

import re

import pytest

from parley_tests import processes


@pytest.fixture(scope="module")
def text(root):
    return (root / "deploy/docker/Dockerfile").read_text()


@pytest.fixture(scope="module")
def stages(text):
    """Instructions by stage: {name: [(word, arguments), ...]}."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    stages = {}
    for line in filter(str.strip, joined.splitlines()):
        word, arguments = line.strip().split(None, 1)
        if word == "FROM":
            base, name = arguments.split(" AS ")
            stages[name] = [("FROM", base)]
        else:
            stages[name].append((word, arguments))
    return stages


def arguments(stage, word):
    return [value for name, value in stage if name == word]


def test_needs_no_front_end_and_no_heredoc(text):
    assert "syntax=" not in text
    assert "<<" not in text


def test_the_stages(stages):
    assert list(stages) == ["build", "parleyd", "parley"]
    # Of the machine that builds, whatever it builds for.
    assert arguments(stages["build"], "FROM") == ["--platform=$BUILDPLATFORM debian:trixie-slim"]


def test_nothing_is_made_after_the_time_is_set(stages):
    last = arguments(stages["build"], "RUN")[-1]
    assert last.split("&&")[-1].split()[:4] == ["find", "/out", "-exec", "touch"]
    assert stages["build"][-1][0] == "RUN"


def test_another_revision_compiles_nothing_again(stages):
    """What takes minutes comes before it is named."""
    words = [value for _, value in stages["build"]]
    assert max(i for i, value in enumerate(words) if "--parallel" in value) < words.index("REVISION=unknown")


@pytest.mark.parametrize("program", ["parleyd", "parley"])
class TestImage:
    @pytest.fixture
    def stage(self, stages, program):
        return stages[program]

    def test_starts_from_nothing_and_takes_only_what_was_collected(self, stage, program):
        assert arguments(stage, "FROM") == ["scratch"]
        # In one step, with owners and times as they were: each folder that a step makes is of the time of that.
        assert arguments(stage, "COPY") == [f"--from=build /out/{program}/ /"]
        assert not arguments(stage, "RUN") and not arguments(stage, "ADD")

    def test_runs_the_program_as_nobody_in_particular(self, stage, program):
        assert arguments(stage, "USER") == ["65532:65532"]
        assert arguments(stage, "ENTRYPOINT") == [f'["/usr/bin/{program}"]']

    def test_is_labelled(self, stage, program, version):
        labels = arguments(stage, "LABEL")[0]
        for name in ("title", "description", "version", "revision", "created", "source", "licenses"):
            assert f"org.opencontainers.image.{name}=" in labels
        assert f"VERSION={version}" in arguments(stage, "ARG")


def test_what_the_image_has_otherwise_is_weaker_than_a_configuration_file(stages, root, tmp_path):
    defaults = f"PARLEY_DEFAULTS={root / 'deploy/docker/image.toml'}"
    assert arguments(stages["parleyd"], "ENV") == ["PARLEY_DEFAULTS=/usr/share/parley/image.toml"]
    (tmp_path / "parley.toml").write_text('admin-listen = "127.0.0.1:8081"\n')
    command = [processes.program("parleyd"), "--config", str(tmp_path / "parley.toml"), "--print-config"]
    done = processes.run(["env", defaults, *command])
    assert done.returncode == 0, done.stderr
    listeners = dict(line.split(" = ") for line in done.stdout.splitlines() if "-listen" in line)
    assert listeners["classic-listen"].startswith('["*:10000"]')
    assert listeners["admin-listen"].startswith('["127.0.0.1:8081"]')


def test_the_client_has_a_home_to_remember_in(stages, root):
    """The one that is copied into the image, and that compose.yaml has a volume for."""
    home = "/home/parley"
    assert f"/out/parley{home} " in arguments(stages["build"], "RUN")[-1]
    assert f"HOME={home}" in arguments(stages["parley"], "ENV")[0].split()
    assert f"- client:{home} " in (root / "compose.yaml").read_text()


def test_the_relay_checks_its_own_health_without_a_shell(stages):
    (check,) = arguments(stages["parleyd"], "HEALTHCHECK")
    assert check.endswith('CMD ["/usr/bin/parleyd", "healthcheck"]')


def test_the_builder_sees_sources_only(root):
    lines = (root / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    assert not any(re.match(r"!(\.git|build|tests)", pattern) for pattern in patterns)
