"""
A stock client, driven by the tests: slixmpp as Debian has it, which has never heard of us. It takes one question a line on its
standard input (JSON), asks it with slixmpp's own plugins, and writes one answer a line. Ends with its input.
"""

import asyncio
import json
import os
import sys
import xml.etree.ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError

FIS = "{urn:xmpp:fis:0}"
FILE = "{urn:xmpp:jingle:apps:file-transfer:5}"
HASHES = "{urn:xmpp:hashes:2}"


class Client(slixmpp.ClientXMPP):
    def __init__(self, jid, password, component):
        super().__init__(jid, password)
        self.component = component
        for plugin in ("0004", "0030", "0050", "0055", "0059", "0077", "0199", "0202"):
            config = {"provide_search": False} if plugin == "0055" else {}
            self.register_plugin("xep_" + plugin, config)
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("failed_all_auth", lambda _: sys.exit("cannot log in"))

    async def begin(self, _event):
        self.send_presence()
        reader = asyncio.StreamReader(limit=2**20)
        await self.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        say({"online": str(self.boundjid)})
        while line := await reader.readline():
            asked = json.loads(line)
            try:
                say({"ok": await getattr(self, asked.pop("do"))(**asked)})
            except IqError as error:
                say({"error": error.condition, "type": error.etype})
            except Exception as error:  # whatever it is, the test is to see it
                say({"error": repr(error)})
        self.disconnect()

    async def info(self, node=None):
        info = (await self["xep_0030"].get_info(jid=self.component, node=node))["disco_info"]
        return {
            "node": info["node"],
            "identities": sorted([i[0], i[1], i[3] or ""] for i in info["identities"]),
            "features": sorted(info["features"]),
        }

    async def items(self, node=None):
        items = (await self["xep_0030"].get_items(jid=self.component, node=node))["disco_items"]["items"]
        return sorted([i[1] or "", i[2] or ""] for i in items)

    async def pages(self, max, node=None):
        """All items, by pages of XEP-0059."""
        found = []
        async for page in await self["xep_0030"].get_items(jid=self.component, node=node, iterator=True):
            found.append(sorted(item[1] for item in page["disco_items"]["items"]))
            if len(found) > 100:
                break
        return found

    async def form(self):
        iq = self.make_iq_get(queryxmlns="jabber:iq:search", ito=self.component)
        form = (await iq.send())["search"]["form"]
        return {var: [field["type"], field["label"]] for var, field in form.get_fields().items()}

    async def search(self, **fields):
        iq = self["xep_0055"].make_search_iq(ito=self.component)
        for var, value in fields.items():
            iq["search"]["form"].add_field(var, value=value)
        form = (await iq.send())["search"]["form"]
        columns = [r["var"] for r in form.get_reported().values()] if form.get_reported() else []
        return {"title": form["title"], "columns": columns, "items": [dict(item) for item in form.get_items()]}

    async def files(self, node=None):
        iq = self.make_iq_get(ito=self.component)
        query = ET.Element(FIS + "query")
        if node is not None:
            query.set("node", node)
        iq.append(query)
        answer = (await iq.send()).xml.find(FIS + "query")
        files = []
        for file in answer.findall(FILE + "file"):
            hash = file.find(HASHES + "hash")
            files.append({
                "name": file.findtext(FILE + "name"),
                "size": int(file.findtext(FILE + "size")),
                "type": file.findtext(FILE + "media-type"),
                "date": file.findtext(FILE + "date"),
                "algo": hash.get("algo") if hash is not None else None,
            })
        return {"directories": [d.get("name") for d in answer.findall(FIS + "directory")], "files": files}

    async def registration(self):
        answer = await self["xep_0077"].get_registration(jid=self.component)
        return {"registered": bool(answer["register"]["registered"]), "says": answer["register"]["instructions"]}

    async def register(self):
        iq = self.make_iq_set(ito=self.component)
        iq.enable("register")
        await iq.send()

    async def unregister(self):
        await self["xep_0077"].cancel_registration(jid=self.component)

    async def commands(self):
        answer = await self["xep_0050"].get_commands(self.component)
        return sorted(item[1] for item in answer["disco_items"]["items"])

    async def command(self, node, fields=None, action="complete"):
        """One stage, or with fields the two of a form."""
        asked = (await self["xep_0050"].send_command(self.component, node))["command"]
        if fields is not None and asked["status"] == "executing":
            form = self["xep_0004"].make_form(ftype="submit")
            for var, value in fields.items():
                form.add_field(var, value=value)
            done = await self["xep_0050"].send_command(
                self.component, node, action=action, payload=form, sessionid=asked["sessionid"]
            )
            asked = done["command"]
        form = asked["form"]
        options = {
            var: [option["value"] for option in field["options"]]
            for var, field in form.get_fields().items()
            if field["type"] == "list-single"
        }
        values = {var: field["value"] for var, field in form.get_fields().items()}
        return {
            "status": asked["status"],
            "notes": [[kind, text] for kind, text in asked["notes"]],
            "items": [dict(item) for item in form.get_items()],
            "options": options,
            "values": values,
        }

    async def time(self):
        answer = await self["xep_0202"].get_entity_time(self.component)
        # As it stands there: slixmpp 1.8 adds a second Z before it reads it.
        return answer.xml.findtext("{urn:xmpp:time}time/{urn:xmpp:time}utc")


def say(words):
    print(json.dumps(words), flush=True)


client = Client(os.environ["STOCK_JID"], os.environ["STOCK_PASSWORD"], os.environ["STOCK_COMPONENT"])
address = ("127.0.0.1", int(os.environ["STOCK_PORT"]))
client.connect(address, disable_starttls=True)
client.process(forever=False)
