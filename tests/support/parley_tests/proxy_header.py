"""What a proxy says ahead of the client it passes on: the PROXY protocol, written from haproxy's proxy-protocol.txt."""

import ipaddress
import struct

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
LOCAL = SIGNATURE + b"\x20\x00\x00\x00"
UNKNOWN = b"PROXY UNKNOWN\r\n"


def line(client, port=40000):
    """Version 1."""
    version = ipaddress.ip_address(client).version
    server = "192.0.2.1" if version == 4 else "2001:db8::1"
    return f"PROXY TCP{version} {client} {server} {port} 443\r\n".encode()


def block(client, port=40000, more=b""):
    """Version 2, with something behind the addresses."""
    address = ipaddress.ip_address(client)
    kind, server = (b"\x11", "192.0.2.1") if address.version == 4 else (b"\x21", "2001:db8::1")
    addresses = address.packed + ipaddress.ip_address(server).packed + struct.pack(">HH", port, 443) + more
    return SIGNATURE + b"\x21" + kind + struct.pack(">H", len(addresses)) + addresses
