"""The scenes of ./dev demo record go as they should, on screens of 80 columns and 24 rows; one is the README's."""

import re

import pytest

from parley_tests import processes
from parley_tests.recording import COLUMNS, SCENES, Recording, framed


def lasting(text):
    """Without what is another each time: how far it was, how fast, and so how much of a name there was room for."""
    text = re.sub(r"\[[# ]+\]", "[]", text)
    text = re.sub(r"…\S*\.jpg|\S+\.jpg", "NAME", text)
    return re.sub(r"[\d.]+ ?[kM]?B?", "0", re.sub(r" +", " ", text))


@pytest.fixture
def recording(clients, tmp_path, certificate):
    started = Recording(tmp_path, certificate)
    clients.append(started)
    return started


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene(recording, scene):
    getattr(recording, scene)()
    assert all(len(row) <= COLUMNS for _, screens in recording.moments for rows in screens.values() for row in rows)
    if scene != "files":
        return
    text = (processes.ROOT / "README.md").read_text()
    shown = text.partition("<!-- files:begin -->\n```\n")[2].partition("```\n<!-- files:end -->")[0]
    on_the_way = dict(recording.moments)["on the way"]
    assert lasting(shown) == lasting("\n".join(framed(on_the_way)) + "\n")
