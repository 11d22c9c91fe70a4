"""The play that `hub demo` shows: a first sync, and three acts of consent carried from vendor to vendor."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hub.cli.hub import Hub
from hub.cli.output import EXIT_TRY_LATER, emit, table, talk, worst
from hub.cli.sync import exit_code, run_round
from hub.demo.acts import NUMBERS, act, perform
from hub.demo.witness import opted_out_sent, told, witness
from hub.demo.world import World
from hub.jobs.rounds import RoundResult
from hub.queries.totals import contacts_total, records_total, review_open
from hub.stages.pull import Wish


def play(hub: Hub, running: World, url: str, as_json: bool) -> int:
    """The first sync, then three acts of consent with a sync after each; the worst of their ends."""
    people = len(running.estate.people)
    talk.print(f"{people} invented people, as four vendors and two file drops know them. Pulling:")
    rounds = [run_round(hub, [], Wish())]
    for number in NUMBERS:
        if exit_code(rounds[-1]) == EXIT_TRY_LATER:
            break
        rounds.append(_act(hub, running, number))
    document = _document(hub, running, rounds, url)
    if as_json:
        emit(document)
    else:
        _tell_figures(document)
    return worst([exit_code(one) for one in rounds])


def _act(hub: Hub, running: World, number: int) -> RoundResult:
    """Somebody says yes or no at one vendor; the sync after it carries it to the others, and they are asked."""
    before = witness(running, act(running, number))
    played = perform(running, number)
    talk.print(f"\nAct {number}: {played.title}.", markup=False)
    done = run_round(hub, [], Wish())
    for line in told(before, witness(running, played)):
        talk.print(f"  {line}", markup=False)
    for one in done.plan.withheld:
        if one.operation.address == played.key[1] and one.operation.channel == played.key[0]:
            what = f"{one.operation.field} {one.operation.wanted}"
            talk.print(f"  withheld at {one.operation.destination}, {what}: {one.reason}", markup=False)
    return done


def _document(hub: Hub, running: World, rounds: list[RoundResult], url: str) -> dict[str, Any]:
    """The contract's document of a demo. What was sent to those who had said no is counted by the vendors."""
    with hub.store.read() as db:
        return {
            "people": len(running.estate.people),
            "records": records_total(db),
            "contacts": contacts_total(db),
            "review_open": review_open(db),
            "pushed": {
                "withdrawals": sum(one.push.count("out") for one in rounds),
                "grants": sum(one.push.count("in") for one in rounds),
                "segments": sum(one.push.count("add", "remove") for one in rounds),
            },
            "withheld": len(rounds[-1].plan.withheld),
            "withheld_by_reason": Counter(one.reason for one in rounds[-1].plan.withheld),
            "opted_out_sent": opted_out_sent(running),
            "url": url,
        }


def _tell_figures(figures: dict[str, Any]) -> None:
    pushed, reasons = figures["pushed"], figures["withheld_by_reason"]
    withheld = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    for line in (
        "",
        f"{figures['records']} records became {figures['contacts']} contacts, {figures['review_open']} to review.",
        f"Pushed: {pushed['withdrawals']} withdrawals, {pushed['grants']} grants, {pushed['segments']} segments.",
        f"Withheld: {figures['withheld']} ({withheld}).",
        f"Sent to somebody who had said no, by the vendors' own ledgers: {figures['opted_out_sent']}.",
    ):
        table.print(line, markup=False)
