"""The running world: what its vendors give is what the estate holds, and its configuration is a sound one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.demo.newsletter import LIST_ID
from hub.demo.planted import stopped_by_text
from hub.demo.world import World
from hub.settings.load import load


def test_every_connection_brings_what_the_estate_holds(world: World) -> None:
    estate = world.estate
    brought: dict[str, int] = {}
    for name, connection in load(world.folder / "config").connections.items():
        if connection.kind == "files":
            continue
        opened: Any = connection.connector.source
        source = opened(connection.config)
        for stream in source.streams:
            records = [record for page in source.pull(stream, None) for record in page.records]
            brought[f"{name}.{stream.name}"] = len({record.id for record in records})
        source.close()
    tags = sum(len(segment["members"]) for segment in estate.segments)
    assert brought.pop("newsletter.tags") == tags
    assert brought["help.users"] == len(estate.help_users) > 0
    assert brought["texts.numbers"] == len(estate.numbers) > 0
    files = len(estate.loyalty_rows) + len(estate.desk_rows)
    assert sum(brought.values()) == estate.records - files


def test_all_four_vendors_are_pushed_to_by_themselves(world: World) -> None:
    connections = load(world.folder / "config").connections
    pushed = {name: set(one.push.consent) for name, one in connections.items() if one.push.mode == "auto"}
    both = {"email", "sms"}
    assert pushed == {"shop": both, "newsletter": {"email"}, "texts": {"sms"}, "help": both}
    assert {name for name, one in connections.items() if one.push.segments} == {"shop", "newsletter", "help"}


def test_the_newsletters_yes_is_nobodys_proven_act(world: World) -> None:
    newsletter = load(world.folder / "config").connections["newsletter"]
    assert newsletter.capabilities.yes_methods == {}
    assert world.vendors.newsletter.audiences[LIST_ID].double_optin is False


def test_who_texted_stop_is_blocked_at_the_gateway(world: World) -> None:
    numbers = {key[2] for key in world.estate.traps[stopped_by_text.__name__] if key[0] == "texts"}
    assert {number for number in numbers if not world.vendors.texts.sendable(number, "sms")} == numbers != set()


def test_secrets_are_files_that_only_the_owner_reads(world: World) -> None:
    files: list[Path] = list((world.folder / "secrets").iterdir())
    assert {file.name for file in files} == {"shop", "newsletter", "texts", "help"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
