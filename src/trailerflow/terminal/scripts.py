"""`trailerflow parse` and `trailerflow analyse`: what is read and understood of a screenplay on this machine.

`cli.py` loads it when asked, because it reads PDF and Final Draft. No service runs for it: the file is read and thought
over in this process. It must never load what draws, encodes or speaks. Raises what the reader raises.
"""

import json as jsons
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from trailerflow.film import account, analysis, casting, reading, settings
from trailerflow.film.account import Json
from trailerflow.terminal import exits
from trailerflow.terminal.outlet import Outlet

Script = Annotated[Path, Parameter(validator=validators.Path(exists=True, dir_okay=False))]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON, one object, for programs.")]
FOREMOST = 10
MOST_SPEAKERS = 12


def parse(script: Script, *, json: AsJson = False) -> int:
    """Print what is read in a screenplay: every element with its place in the source, scenes, speakers, warnings.

    Parameters
    ----------
    script
        The screenplay: Fountain, Final Draft, PDF or plain text.

    """
    told = read(script)
    _print(told, _of_reading(told), as_json=json)
    return exits.DONE


def analyse(script: Script, *, json: AsJson = False) -> int:
    """Print what is understood of a screenplay: scores, turning points, the scenes that matter, cast and settings.

    Parameters
    ----------
    script
        The screenplay: Fountain, Final Draft, PDF or plain text.

    """
    told = understand(script)
    _print(told, _of_analysis(told), as_json=json)
    return exits.DONE


def read(script: Path) -> Json:
    """Return what is read in a file."""
    return account.of_reading(reading.read(script.read_bytes(), script.name, bare=True))


def understand(script: Path) -> Json:
    """Return what is understood of a file."""
    screenplay = reading.read(script.read_bytes(), script.name)
    analysed = analysis.analyse(screenplay)
    cast = casting.cast(screenplay, analysed, {})
    return account.of_analysis(screenplay, analysed, cast, settings.scout(analysed, {}))


def _print(told: Json, lines: Iterator[str], *, as_json: bool) -> None:
    if as_json:
        # Not through the outlet: a program wants every character of the source, a terminal does not.
        sys.stdout.write(jsons.dumps(told) + "\n")
        return
    out = Outlet()
    for line in lines:
        out.say(line)


def _of_reading(told: Json) -> Iterator[str]:
    kinds = Counter(element["type"] for element in told["elements"])
    yield f"format      {told['format']} ({told['encoding']})"
    yield f"scenes      {len(told['scenes'])}"
    yield "elements    " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    speakers = [f"{one['name']} {one['cues']}" for one in told["characters"][:MOST_SPEAKERS]]
    yield f"characters  {', '.join(speakers)}"
    for warning in told["warnings"]:
        yield f"line {warning['line']}: {warning['message']}"


def _of_analysis(told: Json) -> Iterator[str]:
    headings = {scene["index"]: scene["heading"] for scene in told["scenes"]}
    for point in told["turning_points"]:
        scene = point["scenes"][0]
        yield f"{point['name'].replace('_', ' '):<20} {scene:4d}  {headings[scene]}"
    for place, scene in enumerate(told["preference"][:FOREMOST], start=1):
        label = f"matters most, {place}"
        yield f"{label:<20} {scene:4d}  {headings[scene]}"
    for one in told["characters"]:
        if one["role"] == "lead":
            yield f"{'lead':<20} {len(one['scenes']):4d}  scenes: {one['name']}"
