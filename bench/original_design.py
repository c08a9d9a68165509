#!/usr/bin/python3
"""The original design, for comparison: one key for all, a thread a pair, strict turns, python3-rsa.

Written for this benchmark from the description in docs/classic-protocol.md. Prints "classic ADDRESS:PORT" and "ready"
as parleyd does, and runs until it is ended.
"""
import socket
import threading

import rsa


def relay(pair, private_key, public_pem):
    keys = []
    for client in pair:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(public_pem)
        keys.append(rsa.PublicKey.load_pkcs1(client.recv(4096)))
    turn = 0
    while block := pair[turn].recv(4096):
        message = rsa.decrypt(block, private_key)
        turn = 1 - turn
        pair[turn].sendall(rsa.encrypt(message, keys[turn]))
    for client in pair:
        client.close()


def main():
    public_key, private_key = rsa.newkeys(2048)
    listener = socket.create_server(("127.0.0.1", 0))
    print("classic 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
    print("ready", flush=True)
    while True:
        pair = [listener.accept()[0] for _ in range(2)]
        threading.Thread(target=relay, args=(pair, private_key, public_key.save_pkcs1()), daemon=True).start()


main()
