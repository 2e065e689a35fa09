"""Cards: the letters between the pictures. Their words come from the script alone: title page, synopses, speeches.

Called by `storyboard`. Invents no slogan.
"""

from collections.abc import Iterable, Sequence

from trailerflow.film import sentences
from trailerflow.film.plan import Card
from trailerflow.film.quotes import Quote
from trailerflow.film.screenplay import Screenplay

SLOGANS = ("tagline", "logline", "slogan")
LONGEST = 64
SHORTEST_QUOTE, LONGEST_QUOTE = 10, 40
EARLY = 0.6
BORROWED = 2
STRONG = 0.42


def tags(screenplay: Screenplay, quotes: Iterable[Quote], spoken: Iterable[str], count: int) -> list[Card]:
    """Return up to `count` tag cards; words spoken in the trailer are not shown again."""
    said = {text.casefold() for text in spoken}
    texts = _slogans(screenplay, said, count)
    if not texts:
        texts = [
            *(text for text in _synopses(screenplay) if not any(text.casefold() in one for one in said)),
            *_statements(quotes, said, len(screenplay.scenes)),
        ][:BORROWED]
    unique = list(dict.fromkeys(texts))[:count]
    return [Card(id=f"tag-{place}", kind="tag", text=text, subtitle="") for place, text in enumerate(unique, start=1)]


def title(name: str) -> Card:
    """Return the card with the film's name."""
    return Card(id="title", kind="title", text=name, subtitle="")


def end(screenplay: Screenplay, name: str) -> Card:
    """Return the closing card: who wrote it, or the name again."""
    writer = _credit(screenplay)
    return Card(id="end", kind="end", text=writer or name, subtitle=_value(screenplay, "source") if writer else "")


def _value(screenplay: Screenplay, *keys: str) -> str:
    for key, value in screenplay.title_page.items():
        if key.casefold() in keys and value.strip():
            return " ".join(value.split())
    return ""


def _credit(screenplay: Screenplay) -> str:
    author = _value(screenplay, "author", "authors", "auteur", "autor", "autore", "автор", "作者")
    return f"{_value(screenplay, 'credit')} {author}".strip() if author else ""


def _slogans(screenplay: Screenplay, heard: Iterable[str], count: int) -> list[str]:
    """Return the writer's own slogan, its sentences dealt out over the cards so that the last word comes last."""
    slogans = (sentences.split(_value(screenplay, key)) for key in SLOGANS)
    unheard = ([part for part in slogan if not any(part.casefold() in text for text in heard)] for slogan in slogans)
    said = next((slogan for slogan in unheard if slogan), [])
    if not count or not said:
        return []
    ends = [round((place + 1) * len(said) / count) for place in range(count)]
    groups = [" ".join(said[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
    return [group for group in groups if 0 < len(group) <= LONGEST]


def _synopses(screenplay: Screenplay) -> list[str]:
    limit = screenplay.elements[-1].end * EARLY if screenplay.elements else 0
    found = [element.text for element in screenplay.elements if element.type == "synopsis" and element.start < limit]
    return [text for text in found if SHORTEST_QUOTE <= len(text) <= LONGEST and "synopsis" not in text.casefold()]


def _statements(quotes: Iterable[Quote], said: set[str], scenes: int) -> Sequence[str]:
    """Return the strongest short statements nobody says in the trailer."""
    able = [
        quote
        for quote in quotes
        if SHORTEST_QUOTE <= len(quote.text) <= LONGEST_QUOTE
        and quote.score >= STRONG
        and quote.text.endswith((".", "!", "。"))
        and quote.scene <= EARLY * scenes
        and not any(quote.text.casefold() in text or text in quote.text.casefold() for text in said)
    ]
    return [quote.text for quote in sorted(able, key=lambda quote: (-quote.score, quote.element))[:12]]
