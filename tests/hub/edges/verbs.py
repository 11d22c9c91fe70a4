"""What people and tools do in the town. Each verb tells the diary what it was; an impossible one does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from connectors.mailchimp.audience import subscriber_hash
from connectors.shopify.simulator.consent import Refusal
from tests.hub.edges.acts import Channel, last_no
from tests.hub.edges.kinds import LIST
from tests.hub.edges.town import SECOND, Person, Town

Verb = Callable[[Town, Person], None]

STOPS, STARTS = ("STOP", "stop", "Unsubscribe", "STOPALL"), ("START", "start", "UNSTOP")
OVERWRITTEN = "overwritten at the {place} before anybody read it"
MOVED = "the {place} was given another address before anybody read it"


def _channel(town: Town) -> Channel:
    return "email" if town.rng.random() < 0.6 else "sms"


def _overwrites(town: Town, person: Person, place: str, channel: str) -> None:
    """The state there is about to become another one: of what was said since the last read nothing will be read."""
    town.hide(person, place, channel, OVERWRITTEN.format(place=place))
    town.before(person, place, channel)


def _says_no(town: Town, person: Person, place: str, channel: str, word: str, act: Callable[[], object]) -> None:
    """A person's no; one that leaves the record's consent as it was read last is told by nothing."""
    stood = town.readable(place, person, channel) if town.says_no(place, person, channel) else ""
    if stood:
        town.before(person, place, channel)
    else:
        _overwrites(town, person, place, channel)
    act()
    shown, told = town.shown(person, place, channel), town.readable(place, person, channel)
    unseen = SECOND.format(place=place) if told == shown else ""
    if unseen:  # what was told in between is told no more
        town.hide(person, place, channel, unseen)
    elif told == stood and place == "shop":
        unseen = SECOND.format(place=place)
        _speaks_for_the_person(town, person, place, channel)
    if not unseen and told.split()[0] == shown.partition(" ")[0] and place == "newsletter":
        word += ", told by its reason alone"
    town.note(person, channel, town.act(person, place, "no", word, unseen=unseen))


def _speaks_for_the_person(town: Town, person: Person, place: str, channel: str) -> None:
    """A no that nobody has read yet stands for the person's own from now on, but with the day that it has: the shop
    shows the day of a consent, and saying the same once more does not move it."""
    acts = town.diary.acts((channel, person.address(place, channel)))
    if (no := last_no(act for act in acts if act.place == place and act.record == person.record)) is not None:
        no.own = True


# --- at the shop


def fills_form(town: Town, person: Person) -> None:
    channel, confirmed = _channel(town), town.rng.random() < 0.5
    _overwrites(town, person, "shop", channel)
    town.shop.fill_form(person.gid, channel, "CONFIRMED_OPT_IN" if confirmed else "SINGLE_OPT_IN")
    trusted = town.kind.trusts("shop", "double_opt_in" if confirmed else "form", channel)
    word = "form, confirmed" if confirmed else "form"
    town.note(person, channel, town.act(person, "shop", "yes", word, trusted=trusted, dated=True))


def unsubscribes(town: Town, person: Person) -> None:
    channel = _channel(town)
    _says_no(town, person, "shop", channel, "unsubscribe", lambda: town.shop.unsubscribe(person.gid, channel))


def orders(town: Town, person: Person) -> None:
    town.shop.place_order(person.gid, email=person.emails["shop"])
    town.touch(person, "shop")


# --- on the list


def clicks_unsubscribe(town: Town, person: Person) -> None:
    email = person.emails["newsletter"]
    if town.member(person) is not None:
        leave = partial(town.newsletter.click_unsubscribe, LIST, email)
        _says_no(town, person, "newsletter", "email", "unsubscribe click", leave)


def complains(town: Town, person: Person) -> None:
    if town.member(person) is not None:
        leave = partial(town.newsletter.complain, LIST, person.emails["newsletter"])
        _says_no(town, person, "newsletter", "email", "complaint", leave)


def bounces(town: Town, person: Person) -> None:
    if town.member(person) is None:
        return
    _overwrites(town, person, "newsletter", "email")
    town.newsletter.bounce(LIST, person.emails["newsletter"])
    town.touch(person, "newsletter")


def signs_up(town: Town, person: Person) -> None:
    """The form; on a list that asks nobody it is the yes itself."""
    email = person.emails["newsletter"]
    if town.state("newsletter", person, "email") == "subscribed":
        return
    _overwrites(town, person, "newsletter", "email")
    town.newsletter.fill_form(LIST, email)
    town.owners["newsletter", subscriber_hash(email)] = person.record
    town.touch(person, "newsletter")
    if town.state("newsletter", person, "email") == "subscribed":
        town.note(person, "email", town.act(person, "newsletter", "yes", "sign-up form", dated=True))
    elif town.rng.random() < 0.6:
        town.clock.sleep(town.rng.uniform(20, 600))
        confirms(town, person)


def confirms(town: Town, person: Person) -> None:
    """The click in a mail that asks, whoever caused it."""
    email = person.emails["newsletter"]
    if town.state("newsletter", person, "email") == "pending":
        town.before(person, "newsletter", "email")
    if town.newsletter.confirm(LIST, email):
        trusted = town.kind.double_optin and town.kind.trusts("newsletter", "double_opt_in", "email")
        town.note(person, "email", town.act(person, "newsletter", "yes", "confirm", trusted=trusted, dated=True))


# --- by text


def texts_stop(town: Town, person: Person) -> None:
    town.texts.text(person.phones["texts"], town.rng.choice(STOPS))
    town.note(person, "sms", town.act(person, "texts", "no", "STOP"))


def texts_start(town: Town, person: Person) -> None:
    acts = town.diary.own(("sms", person.phones["texts"]))
    after_stop = any(act.word == "STOP" for act in acts)
    town.texts.text(person.phones["texts"], town.rng.choice(STARTS))
    yes = town.act(person, "texts", "yes", "START", trusted=after_stop, dated=True)
    town.note(person, "sms", yes)


# --- at the desk


def tells_agent(town: Town, person: Person) -> None:
    """A person asks an agent not to be written to any more."""
    channel = _channel(town)
    told = partial(town.desk.agent_sets, person.desk_id, channel, "withdrawn")
    _says_no(town, person, "desk", channel, "told an agent", told)


# --- addresses


def moves_in_shop(town: Town, person: Person) -> None:
    if town.rng.random() < 0.7:
        _moves(town, person, "shop", "email", lambda new: town.shop.change_email(person.gid, new))
    else:
        _moves(town, person, "shop", "sms", lambda new: town.shop.change_phone(person.gid, new))


def moves_at_desk(town: Town, person: Person) -> None:
    _moves(town, person, "desk", "email", lambda new: town.desk.change_email(person.desk_id, new))


def moves_on_list(town: Town, person: Person) -> None:
    old = person.emails["newsletter"]

    def change(new: str) -> None:
        town.newsletter.change_email(LIST, old, new)
        town.owners["newsletter", subscriber_hash(new)] = person.record

    if town.member(person) is not None:
        _moves(town, person, "newsletter", "email", change)


def _moves(town: Town, person: Person, place: str, channel: Channel, change: Callable[[str], None]) -> None:
    """To an address that the person has elsewhere already, or to a new one. The record's consent comes along."""
    held = person.emails if channel == "email" else person.phones
    others = sorted({address for where, address in held.items() if where not in (place, "texts")} - {held[place]})
    fresh = town.new_email(person) if channel == "email" else town.new_phone()
    new = town.rng.choice([*others, fresh])
    if place == "newsletter" and not town.says_no(place, person, channel):
        _carries_unread(town, person, place, channel, new)
    town.hide(person, place, channel, MOVED.format(place=place))
    town.before(person, place, channel)
    state = town.state(place, person, channel)
    change(new)
    held[place] = new
    town.diary.moves[place, new] = town.clock.now()
    town.touch(person, place)
    if town.says_no(place, person, channel):
        town.note(person, channel, town.act(person, place, "no", f"inherited {state}", own=False))


def _carries_unread(town: Town, person: Person, place: str, channel: Channel, new: str) -> None:
    """A yes said at another address that comes along before anybody read it there: to every reader it was said here,
    for the newsletter knows its members by address alone."""
    for act in town.diary.said_by(place, person.record, town.read_at(place, person.record)):
        if act.answer == "yes":
            town.note(person, channel, replace(act, word=f"{act.word}, carried unread"), new)


# --- tools


def tool_copies(town: Town, person: Person) -> None:
    """Another tool carries a state from one system to another; a no anywhere, a yes where this kind of world has it."""
    place = town.rng.choice(("shop", "newsletter", "desk"))
    channel: Channel = "email" if place == "newsletter" else _channel(town)
    yes = place in town.kind.copies and town.rng.random() < 0.6
    if place == "newsletter" and town.member(person) is None:
        return
    before = town.state(place, person, channel)
    wanted = {"shop": ("SUBSCRIBED", "UNSUBSCRIBED"), "newsletter": ("subscribed", "unsubscribed")}.get(
        place, ("granted", "withdrawn")
    )[0 if yes else 1]
    if before == wanted:
        return
    read_at = town.read_at(place, person.record)
    town.before(person, place, channel)
    _copy(town, person, place, channel, wanted)
    if town.state(place, person, channel) == before:
        return
    line = (channel, person.address(place, channel))
    town.diary.hide(line, place, read_at, OVERWRITTEN.format(place=place))
    town.note(person, channel, town.act(person, place, "yes" if yes else "no", "copied by a tool", own=False))


def _copy(town: Town, person: Person, place: str, channel: Channel, wanted: str) -> None:
    if place == "shop":
        try:
            town.shop.foreign_copy(person.gid, channel, wanted)
        except Refusal:
            return
    elif place == "newsletter":
        town.newsletter.foreign_copy(LIST, person.emails["newsletter"], wanted)
    else:
        town.desk.foreign_copy(person.desk_id, channel, wanted)


def tool_imports(town: Town, person: Person) -> None:
    """The owner imports a list that claims consent."""
    if not town.kind.imports or town.member(person) is None:
        return
    read_at = town.read_at("newsletter", person.record)
    email = person.emails["newsletter"]
    town.before(person, "newsletter", "email")
    if town.newsletter.import_list(LIST, [email]):
        town.diary.hide(("email", email), "newsletter", read_at, OVERWRITTEN.format(place="newsletter"))
        town.note(person, "email", town.act(person, "newsletter", "yes", "import", own=False))


def tool_touches(town: Town, person: Person) -> None:
    """Something in the background: an export row, a name, a merge field."""
    place = town.rng.choice(("desk", "desk name", "newsletter"))
    if place == "desk":
        town.desk.background_touch(person.desk_id)
    elif place == "desk name":
        town.desk.edit(person.desk_id, alias=f"a{town.rng.random():.6f}")
        town.touch(person, "desk")
    elif town.member(person) is not None:
        town.newsletter.add_without_consent(LIST, person.emails["newsletter"], language=town.rng.choice(("en", "fr")))
        town.touch(person, "newsletter")


def tool_texts(town: Town, person: Person) -> None:
    """Another tool of the company sends a text, also to who is blocked: that is refused and logged."""
    phone = person.phones["texts"]
    town.texts.send(phone, "Sale!")
    if town.texts.blocked(phone):
        for act in town.diary.own(("sms", phone)):
            if act.word == "STOP before the hub":
                act.unseen, act.told_at = "", act.told_at or town.clock.now()


VERBS: tuple[tuple[Verb, int], ...] = (
    (fills_form, 16),
    (unsubscribes, 10),
    (orders, 8),
    (clicks_unsubscribe, 8),
    (complains, 2),
    (bounces, 1),
    (signs_up, 10),
    (confirms, 4),
    (texts_stop, 7),
    (texts_start, 6),
    (tells_agent, 7),
    (moves_in_shop, 2),
    (moves_at_desk, 2),
    (moves_on_list, 2),
    (tool_copies, 9),
    (tool_imports, 3),
    (tool_touches, 6),
    (tool_texts, 5),
)
