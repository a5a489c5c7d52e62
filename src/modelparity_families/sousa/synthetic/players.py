"""Players: how evenly they play, how far apart their grace notes are, which hand is the stronger one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from modelparity.errors import InputError
from modelparity.inputs import Generator

#: One player in so many is left-handed.
LEFT_HANDED = 8


@dataclass(frozen=True)
class Skill:
    """What players of one tier do: means and standard deviations, near those of the data set's own players.

    ``timing`` is the deviation of a stroke in ms and ``velocity`` that of its velocity; ``contrast`` is the share of
    the distance between a tap and an accent that is heard; ``spacing`` and ``spread`` are the ms from a grace note to
    its stroke; ``bounces`` and ``uneven`` how often a buzz bounces, the stroke itself included.
    """

    tier: str
    timing: float
    velocity: float
    contrast: float
    spacing: float
    spread: float
    bounces: float
    uneven: float

    @property
    def skilled(self) -> bool:
        """Which of two halves the tier belongs to."""
        return self.tier in ("advanced", "professional")


SKILLS = (
    Skill("beginner", 55.0, 20.0, 0.75, 46.0, 13.0, 5.5, 1.5),
    Skill("intermediate", 35.0, 13.0, 0.9, 40.0, 8.0, 6.3, 1.0),
    Skill("advanced", 14.0, 9.0, 1.0, 30.0, 3.0, 6.7, 0.6),
    Skill("professional", 8.0, 6.0, 1.0, 24.0, 0.5, 7.0, 0.3),
)


@dataclass(frozen=True)
class Player:
    """One player: a key as the data set has them, the skill, whether right-handed, and habits.

    ``late`` is in ms on average, ``softer`` the share by which the weaker hand is softer, ``slow`` a factor of the
    tier's spacing of grace notes.
    """

    key: str
    place: int
    skill: Skill
    right: bool
    late: float
    softer: float
    slow: float

    @property
    def name(self) -> str:
        """The tier's first letters and a number, as files are named by."""
        return f"{self.skill.tier[:3]}{self.place:03d}"


def players(count: int, seed: int = 0) -> tuple[Player, ...]:
    """So many players, tiers in turn. Raises `InputError` unless there is one at least."""
    if count < 1:
        raise InputError("no players", found=count, expected="one at least")
    return tuple(_player(place, Generator("sousa player", seed, place)) for place in range(count))


def _player(place: int, generator: Generator) -> Player:
    skill = SKILLS[place % len(SKILLS)]
    high, low = (int(word) for word in generator.words(2))
    late, softer = generator.normal(2)
    return Player(
        key=str(UUID(int=high << 64 | low, version=4)),
        place=place,
        skill=skill,
        right=bool(generator.whole(1, LEFT_HANDED)[0]),
        late=skill.timing / 4 * float(late),
        softer=min(abs(0.06 * float(softer)), 0.2),
        slow=float(0.85 + 0.3 * generator.uniform(1)[0]),
    )
