"""The socket between two devices: candidates, TLS with both certificates, frames, serving and fetching one file."""

import _ssl
import ctypes
import hashlib
import hmac
import queue
import socket
import ssl
import struct
import threading

from blake3 import MIB, blake3, root_of
from stream import TRANSFER, Refused, text_in

HELLO, GO, HELD, WANT, DATA, HASHES, FINISH, ROOT, DONE, CHANGED, STOP, ALIVE = range(1, 13)
take_any = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)(lambda *_: 1)


class Link:
    def __init__(self, raw, sending, certificate, device):
        """The sending side is the TLS server, whoever dialled. Raises Refused where another device is there."""
        raw.settimeout(10)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if sending else ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(certificate)
        if sending:
            context.num_tickets = 0
            # Python has no words for "ask for a certificate, whichever it is"; OpenSSL, one pointer further in, has.
            inner = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
            ctypes.CDLL(_ssl.__file__).SSL_CTX_set_verify(inner, 3, take_any)
        self.socket = context.wrap_socket(raw, server_side=sending)
        shown = self.socket.getpeercert(binary_form=True)
        if not shown or hashlib.sha256(shown).hexdigest() != device:
            raise Refused("another device")

    def say(self, kind, payload=b"", offset=0):
        self.socket.sendall(struct.pack(">BBHIQ", kind, 0, 0, len(payload), offset) + payload)

    def read(self, count):
        read = b""
        while len(read) < count:
            more = self.socket.recv(count - len(read))
            if not more:
                raise EOFError("the link is closed")
            read += more
        return read

    def hear(self):
        while True:
            kind, zero, file, length, offset = struct.unpack(">BBHIQ", self.read(16))
            assert zero == 0 and file == 0 and length <= MIB
            payload = self.read(length)
            if kind != ALIVE:
                return kind, offset, payload

    def greet(self, sending, token, first):
        """Whether this connection is the link. `first`: a lock that the first connection of an attempt gets."""
        if sending:
            self.say(HELLO, b"\1")
            kind, _, shown = self.hear()
            return kind == GO and hmac.compare_digest(shown, token)
        kind, _, version = self.hear()
        if kind != HELLO or version != b"\1" or not first.acquire(blocking=False):
            return False
        self.say(GO, token)
        return True


def find_link(sending, word, port, token, certificate):
    """Takes who comes to our port and dials where `word` says, all at once. Raises queue.Empty after the time of an attempt."""
    passed, first = queue.Queue(), threading.Lock()

    def try_one(connect):
        try:
            link = Link(connect(), sending, certificate, word.get("device"))
            if not link.greet(sending, token, first):
                return link.socket.close()
            link.socket.settimeout(60)
            passed.put(link)
        except (OSError, EOFError, Refused):
            pass

    def take():
        try:
            while True:
                raw = port.accept()[0]
                threading.Thread(target=try_one, args=(lambda raw=raw: raw,), daemon=True).start()
        except OSError:
            pass

    if port is not None:
        threading.Thread(target=take, daemon=True).start()
    for candidate in word.iter(f"{{{TRANSFER}}}candidate"):
        if candidate.get("kind") == "host":
            place = (text_in(candidate, "ip"), int(text_in(candidate, "port")))
            dial = lambda place=place: socket.create_connection(place, 10)
            threading.Thread(target=try_one, args=(dial,), daemon=True).start()
    try:
        return passed.get(timeout=10)
    finally:
        if port is not None:
            port.close()


def serve(link, data, hashes):
    """Answers what is wanted until the other side is done."""
    if hashes:
        link.say(HASHES, b"".join(hashes))
    while True:
        kind, offset, payload = link.hear()
        if kind == WANT:
            end = offset + struct.unpack(">Q", payload)[0]
            for at in range(offset, end, 65536):
                link.say(DATA, data[at : min(at + 65536, end)], at)
        elif kind == FINISH:
            link.say(ROOT, root_of(len(data), hashes))
        elif kind in (DONE, STOP):
            return link.socket.close()
        else:
            assert kind == HELD


def fetch(link, size, blocks, cut):
    """
    Fills `blocks` (number → bytes); what is in it already is claimed as held. Gives the proven root, and how many bytes came;
    no root where the link was cut, after `cut` bytes, on purpose.
    """
    count, came, stated, proven, coming = -(-size // MIB), 0, {}, set(), {}
    held, missing = set(blocks), [n for n in range(count) if n not in blocks]
    for n in held:
        link.say(HELD, b"\1", n)
    while len(proven) < count:
        while missing and len(coming) < 8:
            n = missing.pop(0)
            coming[n] = b""
            link.say(WANT, struct.pack(">Q", min(MIB, size - n * MIB)), n * MIB)
        kind, offset, payload = link.hear()
        if kind == HASHES:
            stated.update((offset + n, payload[n * 32 : n * 32 + 32]) for n in range(len(payload) // 32))
        else:
            n = offset // MIB
            assert kind == DATA and offset == n * MIB + len(coming[n])
            coming[n] += payload
            came += len(payload)
        for n in [n for n in stated if n not in proven]:
            if n in held and blake3(blocks[n]) != stated[n]:
                held.remove(n)
                missing.append(n)
            elif n in held:
                proven.add(n)
            elif len(coming.get(n, b"")) == min(MIB, size - n * MIB):
                blocks[n] = coming.pop(n)
                assert blake3(blocks[n]) == stated[n]
                proven.add(n)
        if cut is not None and came >= cut:
            link.socket.close()
            return None, came
    link.say(FINISH)
    kind, _, root = link.hear()
    assert kind == ROOT and root == root_of(size, [stated[n] for n in range(count)])
    link.say(DONE)
    link.socket.close()
    return root, came
