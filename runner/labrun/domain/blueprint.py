"""What an exam is made of, and the tracks that labs are grouped by."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from labrun.domain.record import Record, Slug

HUNDRED = 100
_CODE = re.compile(r"([a-z]+)0*([1-9]\d*)(?:-|$)")

Labs = Annotated[tuple[Slug, ...], Field(min_length=1)]


class Domain(Record):
    """A part of what an exam asks; ``labs`` are those whose points count for it."""

    slug: Slug
    title: str = Field(min_length=2)
    weight: int = Field(gt=0, le=HUNDRED, description="percent of the whole")
    labs: Labs


class Draw(Record):
    """So many of these labs, chosen anew for each candidate."""

    count: int = Field(gt=0)
    labs: Labs
    one_of: tuple[Slug, ...] = Field(default=(), description="one of these at least is drawn")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if strange := sorted(set(self.one_of) - set(self.labs)):
            msg = f"one_of names {strange[0]!r}, which is not among the labs to draw"
            raise ValueError(msg)
        if self.count > len(self.labs):
            msg = f"cannot draw {self.count} of {len(self.labs)} labs"
            raise ValueError(msg)
        return self


class Blueprint(Record):
    """An exam: which labs, what they weigh, how long it takes and what passes.

    A lab is named by its slug or by its code (`code_of`), and need not exist yet.
    """

    schema_version: Literal["labrun/blueprint/v1"] = Field(alias="schema")
    slug: Slug
    title: str = Field(min_length=3)
    level: int = Field(ge=1, le=9, description="where it stands among the others")
    minutes: int = Field(gt=0)
    pass_score: float = Field(gt=0, le=HUNDRED)
    domain_minimum: float = Field(default=0, ge=0, le=HUNDRED, description="of each domain")
    domains: tuple[Domain, ...] = Field(min_length=1)
    compulsory: tuple[Slug, ...] = ()
    must_pass: tuple[Slug, ...] = Field(default=(), description="whatever the other labs score")
    draws: tuple[Draw, ...] = ()

    @property
    def labs(self) -> tuple[str, ...]:
        """Return every lab that may come up, the compulsory ones first."""
        drawn = (lab for draw in self.draws for lab in draw.labs)
        return tuple(dict.fromkeys((*self.compulsory, *drawn)))

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if (total := sum(domain.weight for domain in self.domains)) != HUNDRED:
            msg = f"the weights of the domains add up to {total}, expected {HUNDRED}"
            raise ValueError(msg)
        _alike("domain", {domain.slug for domain in self.domains}, len(self.domains))
        named = [*self.compulsory, *(lab for draw in self.draws for lab in draw.labs)]
        _alike("lab", set(named), len(named))
        weighed = {lab for domain in self.domains for lab in domain.labs}
        if strange := sorted(weighed ^ set(named)):
            where = "in no domain" if strange[0] in named else "neither compulsory nor drawn"
            msg = f"lab {strange[0]!r} is {where}"
            raise ValueError(msg)
        if optional := sorted(set(self.must_pass) - set(self.compulsory)):
            msg = f"lab {optional[0]!r} must be passed, so it must be compulsory"
            raise ValueError(msg)
        return self


class Track(Record):
    """A group of labs about one thing, as lab.yaml names it."""

    slug: Slug
    title: str = Field(min_length=1)
    about: str = Field(min_length=8)


class Tracks(Record):
    """Every track that has a title, in the order in which they are shown."""

    schema_version: Literal["labrun/tracks/v1"] = Field(alias="schema")
    tracks: tuple[Track, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_twins(self) -> Self:
        _alike("track", {track.slug for track in self.tracks}, len(self.tracks))
        return self


def code_of(slug: str) -> str | None:
    """Return the code a slug begins with, its number without zeros: `c2` of `c02-credit-cost`."""
    found = _CODE.match(slug)
    return f"{found[1]}{found[2]}" if found else None


def meant(name: str, slugs: Iterable[str]) -> str | None:
    """Return the lab that a blueprint means by ``name``, or None where it does not exist yet."""
    known = sorted(slugs)
    if name in known:
        return name
    return next((slug for slug in known if code_of(slug) == name), None)


def _alike(kind: str, distinct: set[str], count: int) -> None:
    if len(distinct) != count:
        msg = f"a {kind} is named twice"
        raise ValueError(msg)
