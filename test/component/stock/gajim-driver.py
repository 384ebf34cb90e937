"""
Gajim as it is, in a profile of its own under Xvfb, with somebody at its windows: opens its search window for our component, fills
in the form, presses the button, and prints what stands in the table; then adds the component to the roster. One JSON object a step.
"""

import json
import os
import sys
import traceback

profile, port = os.environ["STOCK_PROFILE"], int(os.environ["STOCK_PORT"])
user, component = os.environ["STOCK_USER"], os.environ["STOCK_COMPONENT"]


def say(words):
    print(json.dumps(words), flush=True)


def make_account():
    """An account that logs in by itself, as its wizard would leave it."""
    from gajim.common import app, configpaths
    from gajim.common.settings import Settings

    configpaths.set_config_root(profile)
    configpaths.init()
    configpaths.create_paths()
    app.settings = Settings()
    app.settings.init()
    for name in ("use_keyring", "check_for_update", "plugins_auto_update", "plugins_update_check"):
        try:
            app.settings.set(name, False)
        except Exception:
            pass
    app.settings.add_account("stock")
    for name, value in {
        "active": True,
        "name": user,
        "hostname": "localhost",
        "savepass": True,
        "password": "password",
        "use_custom_host": True,
        "custom_host": "127.0.0.1",
        "custom_port": port,
        "custom_type": "PLAIN",
        "use_plain_connection": True,
        "confirm_unencrypted_connection": False,
    }.items():
        app.settings.set_account_setting("stock", name, value)
    app.settings.shutdown()


def watch(run):
    """Goes on with `run`, a generator that yields while it waits, until it ends."""
    from gi.repository import GLib

    def step():
        try:
            next(run)
            return True
        except StopIteration:
            os._exit(0)
        except Exception:
            say({"error": traceback.format_exc()})
            os._exit(1)

    GLib.timeout_add(100, step)


def at_the_windows():
    from gajim.common import app

    while "stock" not in app.connections or not app.account_is_available("stock"):
        yield
    say({"online": True})
    from gajim.gtk.component_search import ComponentSearch

    window = ComponentSearch("stock", component)
    while window.get_current_page() not in ("form", "error"):
        yield
    say({"page": window.get_current_page()})
    form = window.get_page("form").search_form
    say({"fields": [field.var for field in form.iter_fields()]})
    form["words"].value = "girl"
    form["kind"].value = "image"
    window._on_button_clicked(None, "search")
    while window.get_current_page() not in ("result", "error"):
        yield
    table = window.get_page("result")._treeview
    columns = [column.get_title() for column in table.get_columns()]
    rows = [[value for value in row] for row in table.get_model()]
    say({"columns": columns, "rows": rows})
    client = app.get_client("stock")
    contact = client.get_module("Contacts").get_contact(component)
    asked = []
    app.ged.register_event_handler("unsubscribed-presence-received", 50, asked.append)
    client.get_module("Presence").subscribe(component, name="Files")
    # The word and the change of the roster come one after the other.
    while not asked or contact.ask is not None:
        yield
    heard = [str(event.jid) for event in asked]
    say({"heard": heard, "subscription": contact.subscription, "ask": contact.ask})


make_account()
watch(at_the_windows())
sys.argv = ["gajim", "--config-path", profile]
from gajim.gajim import main  # noqa: E402

main()
