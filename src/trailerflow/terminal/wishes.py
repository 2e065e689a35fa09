"""What a person may wish of a trailer, as options of `trailerflow make`; the names are those of the API's bodies.

`cli.py` calls it. But for the type, which is always sent, it must never decide what the API decides by default.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter, validators

Type = Literal["full_pipeline", "script_analysis_only", "storyboard_only"]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Wishes:
    """What the trailer shall be like. What is not said is the API's own default."""

    seconds: Annotated[int | None, Parameter(validator=validators.Number(gte=15, lte=150))] = None
    "Length of the trailer, 15 to 150; 60 unless given."
    aspect: Literal["16:9", "2.39:1", "1:1", "9:16"] | None = None
    "Shape of the picture; 16:9 unless given."
    seed: Annotated[int | None, Parameter(validator=validators.Number(gte=0, lt=2**31))] = None
    "Another number gives another trailer, the same number the same one; 0 unless given."
    workflow_type: Annotated[Type, Parameter(name="--type")] = "full_pipeline"
    "How far to go."
    on_error: Literal["fail_fast", "skip_and_continue"] | None = None
    "When a picture or clip fails for good: stop (as usual), or put a stand-in in its place and go on."
    pause_after: Literal["script_to_trailer", "trailer_to_storyboard"] | None = None
    "Pause after this phase, for a review; `trailerflow resume` lets it go on."
    priority: Literal["low", "normal", "high"] | None = None
    "Which runs go first when many wait; normal unless given."
    spoilers: Annotated[bool, Parameter(negative="")] = False
    "Let the trailer tell the end of the story, too."
