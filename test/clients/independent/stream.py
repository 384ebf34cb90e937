"""As much XMPP as a device needs: a stream to a server on this machine, IQs both ways, and the component's words in a queue."""

import base64
import os
import queue
import socket
import threading
import time
import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

TRANSFER, CATALOGUE = "jabberfs:transfer:1", "jabberfs:catalogue:1"
STANZAS, SASL, BIND = (f"urn:ietf:params:xml:ns:xmpp-{name}" for name in ("stanzas", "sasl", "bind"))


class Refused(Exception):
    pass


def b64(raw):
    return base64.b64encode(raw).decode()


def el(element, inside="", **attributes):
    """An element, as text; what is inside is XML."""
    said = "".join(f" {name}={quoteattr(str(value))}" for name, value in attributes.items() if value is not None)
    return f"<{element}{said}>{inside}</{element}>"


def name_of(element):
    return element.tag.rpartition("}")[2]


def text_in(element, name):
    return element.findtext(f"{{{TRANSFER}}}{name}")


class Stream:
    def __init__(self, jid, password, port, component):
        user, self.domain = jid.split("@")
        self.component, self.answers = component, {}
        self.words, self.presences = queue.Queue(), queue.Queue()
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.open()
        self.write(el("auth", b64(f"\0{user}\0{password}".encode()), xmlns=SASL, mechanism="PLAIN"))
        if name_of(self.next()) != "success":
            raise Refused("the password")
        self.open()
        threading.Thread(target=self.listen, daemon=True).start()
        self.jid = self.iq("set", el("bind", xmlns=BIND), to=None)[0][0].text

    def write(self, text):
        self.socket.sendall(text.encode())

    def open(self):
        self.parser, self.depth = ET.XMLPullParser(("start", "end")), 0
        spaces = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
        self.write(f"<?xml version='1.0'?><stream:stream {spaces} to='{self.domain}' version='1.0'>")
        self.next()

    def next(self):
        while True:
            for event, element in self.parser.read_events():
                self.depth += 1 if event == "start" else -1
                if event == "end" and self.depth == 1:
                    return element
            data = self.socket.recv(65536)
            if not data:
                raise EOFError
            self.parser.feed(data)

    def listen(self):
        try:
            while True:
                self.take(self.next())
        except (EOFError, OSError):
            os._exit(0)

    def take(self, stanza):
        kind, who, id = (stanza.get(name) for name in ("type", "from", "id"))
        if name_of(stanza) == "presence" and who == self.component:
            self.presences.put(stanza)
        if name_of(stanza) != "iq":
            return
        if kind in ("result", "error"):
            self.answers.pop(id, queue.Queue()).put(stanza)
        elif who == self.component and stanza[0].tag.startswith((f"{{{TRANSFER}}}", f"{{{CATALOGUE}}}")):
            self.write(el("iq", type="result", to=who, id=id))
            self.words.put(stanza[0])
        elif stanza[0].tag == "{urn:xmpp:ping}ping":
            self.write(el("iq", type="result", to=who, id=id))
        else:
            error = el("error", el("service-unavailable", xmlns=STANZAS), type="cancel")
            self.write(el("iq", error, type="error", to=who, id=id))

    def iq(self, kind, payload, to=""):
        """What is answered. Raises Refused with type and conditions."""
        id, answer = os.urandom(8).hex(), queue.Queue()
        self.answers[id] = answer
        self.write(el("iq", payload, type=kind, id=id, to=self.component if to == "" else to))
        stanza = answer.get(timeout=30)
        if stanza.get("type") == "error":
            error = stanza.find("{*}error")
            raise Refused(" ".join([error.get("type"), *map(name_of, error)]))
        return stanza

    def hear(self, *names, **attributes):
        """The component's next word of one of these names, about this transfer or offer; all others before it are passed over."""
        end = time.monotonic() + 60
        while True:
            word = self.words.get(timeout=max(0.01, end - time.monotonic()))
            if name_of(word) in names and all(word.get(name) == value for name, value in attributes.items()):
                return word
