"""
Another client of jabberfs:transfer:1 and jabberfs:catalogue:1, written from docs/protocol.md and docs/catalogue.md alone, in
nothing but Python as it comes. It shares no line with what it talks to. One transfer at a time, small files, no relays.

It takes one question a line on its standard input (JSON), and writes one answer a line. Ends with its input.
"""

import hashlib
import json
import os
import queue
import secrets
import socket
import ssl
import subprocess
import sys
from base64 import b64decode
from xml.sax.saxutils import escape

from blake3 import MIB, block_hashes, root_of
from link import fetch, find_link, serve
from stream import CATALOGUE, TRANSFER, Stream, b64, el, name_of, text_in

ROOT = {"xmlns": "urn:xmpp:hashes:2", "algo": "jabberfs-blake3-root"}


def file_element(name, data, hashes, promise=False):
    root = el("hash-used", **ROOT) if promise else el("hash", b64(root_of(len(data), hashes)), **ROOT)
    return el("file", el("filename", escape(name)) + el("filesize", str(len(data))) + root)


class Device(Stream):
    def __init__(self, jid, password, port, component, folder):
        super().__init__(jid, password, port, component)
        self.certificate = os.path.join(folder, "device.pem")
        make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9999 -subj /CN=device -keyout - -out -"
        pem = subprocess.run(make.split(), check=True, capture_output=True, text=True).stdout
        with open(self.certificate, "w") as file:
            file.write(pem)
        own = pem[pem.index("-----BEGIN CERTIFICATE") :]
        self.id = hashlib.sha256(ssl.PEM_cert_to_DER_cert(own)).hexdigest()
        self.write(el("presence", el("login", xmlns=TRANSFER, device=self.id), to=component))
        assert self.presences.get(timeout=10)[0].get("device") == self.id

    def say(self, action, inside="", **routing):
        self.iq("set", el(action, inside, xmlns=TRANSFER, **routing))

    def way(self, listen):
        """Opens a port, or not: the element's name, what is in it, and the port."""
        if not listen:
            return "connecting", "", None
        port = socket.create_server(("127.0.0.1", 0))
        place = el("ip", "127.0.0.1") + el("port", str(port.getsockname()[1]))
        return "listening", el("candidate", place, kind="host"), port

    # ---- sending

    def send(self, peer, name, text, listen=True, promise=False):
        data, id = text.encode(), secrets.token_hex(8)
        hashes = block_hashes(data)
        self.say("offer", file_element(name, data, hashes, promise), id=id, peer=peer)
        while True:
            word = self.hear("accept", "append", "decline", "abort", "complete", id=id)
            if name_of(word) not in ("accept", "append"):
                return {"end": name_of(word), "reason": text_in(word, "reason")}
            way, inside, port = self.way(listen)
            self.say(way, inside, sid=word.get("sid"), attempt=word.get("attempt"))
            self.serve(word, port, data, hashes)

    def serve(self, word, port, data, hashes):
        try:
            serve(find_link(True, word, port, b64decode(text_in(word, "token")), self.certificate), data, hashes)
        except (queue.Empty, EOFError, OSError):
            pass  # The other side opens the next attempt.

    # ---- receiving

    def receive(self, listen=True, have="", cut=None):
        """Takes an offer. `have`: what is held of it, from the start. `cut`: the first link is cut after so many bytes."""
        offer = self.hear("offer")
        sid, file, held = offer.get("sid"), offer.find(f"{{{TRANSFER}}}file"), have.encode()
        blocks = {n: held[n * MIB : n * MIB + MIB] for n in range(len(held) // MIB)}
        way, inside, port = self.way(listen)
        token = secrets.token_bytes(32)
        rest = el("append") + el("filebytesdone", str(len(blocks) * MIB)) if blocks else ""
        self.say("accept", el(way, inside) + el("token", b64(token)) + rest, sid=sid, attempt=1)
        word = self.hear("listening", "connecting", sid=sid)
        return self.fetch(word, port, token, text_in(file, "filename"), int(text_in(file, "filesize")), blocks, cut)

    def get(self, peer, name, listen=True, share=None, path=None, root=None):
        """Asks for a file: by its name, or by share, path and root."""
        id = secrets.token_hex(8)
        more = (el("path", escape(path)) if path else "") + (el("hash", root, **ROOT) if root else "")
        self.say("request", el("filename", escape(name)) + more, id=id, peer=peer, share=share)
        word = self.hear("accept", "decline", "abort", id=id)
        if name_of(word) != "accept":
            return {"end": name_of(word), "reason": text_in(word, "reason")}
        way, inside, port = self.way(listen)
        token = secrets.token_bytes(32)
        self.say(way, inside + el("token", b64(token)), sid=word.get("sid"), attempt=1)
        file = word.find(f"{{{TRANSFER}}}file")
        return self.fetch(word, port, token, name, int(text_in(file, "filesize")), {}, None)

    def fetch(self, word, port, token, name, size, blocks, cut):
        sid, attempt, came = word.get("sid"), 1, []
        while True:
            root, bytes = fetch(find_link(False, word, port, token, self.certificate), size, blocks, cut)
            came.append(bytes)
            if root is not None:
                break
            cut, attempt, token = None, attempt + 1, secrets.token_bytes(32)
            way, inside, port = self.way(True)
            done = el("filebytesdone", str(sum(map(len, blocks.values()))))
            self.say("append", el(way, inside) + el("token", b64(token)) + done, sid=sid, attempt=attempt)
            word = self.hear("listening", "connecting", sid=sid, attempt=str(attempt))
        self.say("complete", el("hash", b64(root), **ROOT), sid=sid, attempt=attempt)
        data = b"".join(blocks[n] for n in sorted(blocks))
        return {"name": name, "sha256": hashlib.sha256(data).hexdigest(), "came": came}

    def decline(self):
        self.say("decline", el("reason", "user"), sid=self.hear("offer").get("sid"))

    def abort(self):
        """Accepts, and then will not."""
        sid = self.hear("offer").get("sid")
        self.say("accept", el("connecting") + el("token", b64(secrets.token_bytes(32))), sid=sid, attempt=1)
        self.say("abort", el("reason", "user"), sid=sid)

    # ---- the catalogue

    def ask(self, kind, element, inside="", **attributes):
        return self.iq(kind, el(element, inside, xmlns=CATALOGUE, **attributes))[0]

    def publish(self, share, files):
        """Shares these files, path → text, with everybody."""
        self.shared = {path: (text.encode(), block_hashes(text.encode())) for path, text in files.items()}
        self.ask("set", "register")
        self.ask("set", "share", el("everybody"), id=share, name=share)
        adds = "".join(
            el("add", escape(path), s=len(data), m=1013545379, h=b64(root_of(len(data), hashes)), t="text/plain")
            for path, (data, hashes) in self.shared.items()
        )
        return self.ask("set", "publish", adds, share=share, base=0, seq=1).get("seq")

    def answer(self, listen=True):
        """Gives one file of what is shared to who asks for it."""
        request = self.hear("request")
        sid, (data, hashes) = request.get("sid"), self.shared[text_in(request, "path")]
        way, inside, port = self.way(listen)
        file = file_element(text_in(request, "filename"), data, hashes)
        self.say("accept", el(way, inside) + file, sid=sid, attempt=1)
        self.serve(self.hear("listening", "connecting", sid=sid), port, data, hashes)
        return name_of(self.hear("complete", "abort", sid=sid))

    def search(self, words):
        return said(self.ask("get", "search", el("words", escape(words))))

    def sources(self, root):
        return said(self.ask("get", "sources", el("hash", root, **ROOT)))

    def browse(self, peer, share=None, path=None):
        return said(self.ask("get", "browse", el("path", escape(path)) if path else "", peer=peer, share=share))


def said(answer):
    """Each line of a page."""
    lines = [each for each in answer if each.tag.startswith(f"{{{CATALOGUE}}}")]
    return [{"is": name_of(each), "text": each.text, **each.attrib} for each in lines]


def main():
    env = os.environ
    device = Device(env["XMPP_JID"], env["XMPP_PASSWORD"], int(env["XMPP_PORT"]), env["XMPP_COMPONENT"], env["XMPP_FOLDER"])
    print(json.dumps({"ok": device.jid}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"ok": getattr(device, asked.pop("do"))(**asked)}
        except Exception as error:  # whatever it is, the test is to see it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
