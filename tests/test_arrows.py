"""tests/arrows finds what it is there to find: a small tree, right, and with one mistake at a time."""
import importlib.machinery
import importlib.util
from pathlib import Path

import pytest

_loader = importlib.machinery.SourceFileLoader("arrows", str(Path(__file__).parent / "arrows"))
arrows = importlib.util.module_from_spec(importlib.util.spec_from_loader("arrows", _loader))
_loader.exec_module(arrows)

TREE = {
    "CONTRIBUTING.md": "| folder | what |\n| `base/` | floor |\n| `protocol/relay/` | frames |\n| `service/net/` | TLS |\n",
    "base/CMakeLists.txt": "parley_library(\n  SOURCES hex.cc)\n",
    "base/hex.h": "#pragma once\n#include <string>\n",
    "base/hex.cc": '#include "base/hex.h"\n',
    "protocol/relay/CMakeLists.txt": "parley_library(\n  SOURCES frame.cc\n  PUBLIC base)\n",
    "protocol/relay/frame.h": '#include "base/hex.h"\n',
    "protocol/relay/frame.cc": '#include "protocol/relay/frame.h"\n',
    "service/net/CMakeLists.txt": "parley_library(\n  SOURCES tls.cc\n  PUBLIC asio\n  PRIVATE protocol/relay OpenSSL::SSL)\n",
    "service/net/tls.h": "#include <asio/post.hpp>\n",
    "service/net/tls.cc": '#include "service/net/tls.h"\n#include <openssl/ssl.h>\n#include "base/hex.h"\n'
                          '#include "protocol/relay/frame.h"\n',
}


def faults(folder, changes=()):
    for path, text in {**TREE, **dict(changes)}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return list(arrows.check(folder))


def test_a_tree_without_a_mistake(tmp_path):
    assert faults(tmp_path) == []


MISTAKES = [
    ("up the arrows", {"base/hex.cc": '#include "service/net/tls.h"\n'}, "base has no link to service/net"),
    ("a PRIVATE link in a header", {"service/net/tls.h": '#include <asio/post.hpp>\n#include "protocol/relay/frame.h"\n'},
     "service/net has no PUBLIC link to protocol/relay"),
    ("a library that is not linked", {"protocol/relay/frame.h": '#include "base/hex.h"\n#include <asio/post.hpp>\n'},
     "<asio/post.hpp> needs a link to asio"),
    ("not from the root", {"protocol/relay/frame.h": '#include "base/hex.h"\n#include "frame.h"\n'}, '"frame.h" is not a file'),
    ("a circle", {"base/CMakeLists.txt": "parley_library(SOURCES hex.cc PUBLIC protocol/relay)",
                  "base/hex.cc": '#include "protocol/relay/frame.h"\n'},
     "a circle: base -> protocol/relay -> base"),
    ("a link for nothing", {"base/CMakeLists.txt": "parley_library(SOURCES hex.cc PRIVATE OpenSSL::Crypto)"},
     "nothing of OpenSSL::Crypto is included"),
    ("no library", {"base/CMakeLists.txt": "add_library(base hex.cc)"}, "base: no parley_library()"),
    ("a folder that is not in the map", {"service/rsa/CMakeLists.txt": "parley_library(SOURCES key.cc)",
                                         "service/rsa/key.cc": ""}, "service/rsa: no line in CONTRIBUTING.md's map"),
    ("a line of the map for nothing", {"CONTRIBUTING.md": TREE["CONTRIBUTING.md"] + "| `service/tls/` | gone |\n"},
     "there is no folder service/tls"),
    ("a misspelt link", {"service/net/CMakeLists.txt": TREE["service/net/CMakeLists.txt"].replace("PRIVATE", "PRIVATE bas")},
     "bas is no folder of sources"),
    ("too many units", {f"base/unit{i}.cc": "" for i in range(25)}, "base: 26 units"),
]


@pytest.mark.parametrize("name, changes, fault", MISTAKES, ids=[mistake[0] for mistake in MISTAKES])
def test_a_planted_mistake_is_found(tmp_path, name, changes, fault):
    found = faults(tmp_path, changes)
    assert any(fault in line for line in found), f"{name}: {found}"
