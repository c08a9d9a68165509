"""Numbered messages, and what a transcript of them says: was each one heard exactly once, in order and unchanged?

A message is a line of text: speaker, number from 1, and words that follow from both, so that a changed, cut or merged
line shows. A transcript is the lines that the other side printed.
"""

import random
from dataclasses import dataclass, field

_WORDS = "the quick brown fox jumps over a lazy dog Grüße дом ☕ \\ %s <b> 0x1f".split()


def message(speaker, number, words=12):
    """`words`: how many at most; every 97th message is long, more than one frame of relay/1."""
    drawn = random.Random(f"{speaker}{number}")
    count = 4000 if number % 97 == 0 else drawn.randrange(words)
    return " ".join([speaker, str(number), *drawn.choices(_WORDS, k=count)])


def messages(speaker, count, words=12):
    return (message(speaker, number, words) for number in range(1, count + 1))


@dataclass
class Verdict:
    expected: int
    heard: int = 0
    lost: list = field(default_factory=list)  # numbers, like the next two
    doubled: list = field(default_factory=list)
    out_of_order: list = field(default_factory=list)  # heard after one with a higher number
    strange: list = field(default_factory=list)  # lines that were never sent

    def good(self):
        return self.heard == self.expected and not (self.lost or self.doubled or self.out_of_order or self.strange)

    def __str__(self):
        said = f"{self.heard} of {self.expected} heard"
        for name in ("lost", "doubled", "out_of_order", "strange"):
            found = getattr(self, name)
            said += f", {len(found)} {name.replace('_', ' ')}"
            if found:
                said += f" ({', '.join(str(one)[:60] for one in found[:5])}{', …' if len(found) > 5 else ''})"
        return said


def judge(transcript, speaker, count, words=12):
    """`transcript`: the lines, without their ends, that the listener printed of `count` messages of that speaker."""
    verdict = Verdict(count)
    seen, highest = set(), 0
    for line in transcript:
        number = _number(line, speaker, count)
        if number is None or line != message(speaker, number, words):
            verdict.strange.append(line)
        elif number in seen:
            verdict.doubled.append(number)
        else:
            if number < highest:
                verdict.out_of_order.append(number)
            seen.add(number)
            highest = max(highest, number)
    verdict.heard = len(seen)
    verdict.lost = [number for number in range(1, count + 1) if number not in seen]
    return verdict


def _number(line, speaker, count):
    said, _, rest = line.partition(" ")
    digits = rest.partition(" ")[0]
    if said != speaker or not digits.isascii() or not digits.isdigit() or len(digits) > 12:
        return None
    return int(digits) if 1 <= int(digits) <= count else None
