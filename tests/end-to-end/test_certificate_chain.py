"""What is wrong with a certificate's file is said, whether the relay can go on with it or not."""

import signal

from parley_tests.certificates import Certificate
from parley_tests.waiting import eventually

WARNING = "public clients cannot verify the certificate"


def start(start_relay, certificate, key, trusted):
    return start_relay(
        relay_listen="127.0.0.1:0", cert=certificate, key=key, env={"SSL_CERT_FILE": str(trusted), "SSL_CERT_DIR": "/dev/null"}
    )


def chain_of_three(tmp_path):
    """(root, intermediate, leaf, its key)."""
    root = Certificate(tmp_path, "root", subject="The root")
    middle, middle_key = root.issue("The middle", usage="serverAuth\nbasicConstraints=critical,CA:true")
    authority = Certificate.__new__(Certificate)
    authority.certificate, authority.key = middle, middle_key
    return (root.certificate, middle, *authority.issue("localhost", usage="serverAuth"))


def test_a_leaf_without_its_chain_is_warned_of_until_a_reload_brings_it(start_relay, tmp_path):
    root, middle, leaf, key = chain_of_three(tmp_path)
    alone = leaf.read_bytes()
    relay = start(start_relay, leaf, key, root)
    eventually(lambda: relay.log_lines(" warning ", WARNING, 'missing="CN=The middle"'), "it is logged")
    leaf.write_bytes(alone + middle.read_bytes())
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.log_lines("reloaded"), "reloaded")
    leaf.write_bytes(alone)
    relay.signal(signal.SIGHUP)
    eventually(lambda: len(relay.log_lines(WARNING)) == 2, "it is logged at a reload too, and was not while it was whole")


def test_of_one_that_the_machine_trusts_nothing_is_said(start_relay, tmp_path):
    root, middle, leaf, key = chain_of_three(tmp_path)
    leaf.write_bytes(leaf.read_bytes() + middle.read_bytes())
    relay = start(start_relay, leaf, key, root)
    eventually(lambda: relay.log_lines("started"), "started")
    assert not relay.log_lines(WARNING)


def test_where_nobody_is_trusted_nothing_is_said(start_relay, tmp_path):
    _, _, leaf, key = chain_of_three(tmp_path)
    relay = start(start_relay, leaf, key, "/dev/null")
    eventually(lambda: relay.log_lines("started"), "started")
    assert not relay.log_lines(WARNING)


def test_a_file_that_is_cut_off_is_not_taken(start_relay, tmp_path):
    root, middle, leaf, key = chain_of_three(tmp_path)
    whole = leaf.read_bytes() + middle.read_bytes()
    leaf.write_bytes(whole)
    relay = start(start_relay, leaf, key, root)
    begin = whole.index(b"-----BEGIN", 1)
    for failed, size in enumerate((begin + 5, begin + 20, begin + 27, len(whole) - 100), start=1):
        leaf.write_bytes(whole[:size])
        relay.signal(signal.SIGHUP)
        eventually(lambda: len(relay.log_lines("reload failed", "cut off or damaged")) == failed, "the reload fails")
    assert not relay.log_lines("PEM lib")
