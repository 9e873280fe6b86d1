"""Choices: the ways out of an error record as data, so that any program can show them and answer one."""

from collections.abc import Iterator

from qbwc_server.domain.choices.base import (
    DONE_ELSEWHERE,
    Action,
    Choice,
    Need,
    Situation,
    Way,
    quoted,
    words,
)
from qbwc_server.domain.choices.table import WAYS

__all__ = ["DONE_ELSEWHERE", "WAYS", "Action", "Choice", "Need", "Situation", "Way", "choices_of", "quoted"]


def choices_of(situation: Situation) -> tuple[Choice, ...]:
    """What may be chosen of an error record as it stands, the likeliest first."""
    return tuple(
        choice
        for way in WAYS[type(situation.cause)]
        if way.when(situation)
        for choice in _offered(way, situation)
    )


def _offered(way: Way, situation: Situation) -> Iterator[Choice]:
    for candidate in situation.candidates if way.each else (None,):
        said = words(situation, candidate)
        about = None if situation.kind is None else (situation.kind, situation.external_id)
        yield Choice(
            id=way.id if candidate is None else f"{way.id}:{candidate.id}",
            action=way.action,
            label=_sentence(way.label.format(**said)),
            consequence=_sentence(way.consequence.format(**said)),
            actor=way.actor,
            candidate=candidate,
            needs=way.needs(situation),
            fields=way.fields(situation),
            record=way.target(situation) or (about if way.action is not Action.HAND_OVER else None),
            setting=way.setting(situation),
        )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
