import json
import subprocess
import sys
from pathlib import Path

import pytest

from trailerflow.errors import BadScript
from trailerflow.terminal import scripts

EXAMPLES = Path(__file__).parents[2] / "examples"
BELL = EXAMPLES / "the-drowned-bell.fountain"
HEAVY = ("cv2", "av", "resvg_py", "numpy", "hibari", "hibari_tts", "onnxruntime", "sqlalchemy", "starlette", "arq")
PROBE = """
import sys
from pathlib import Path
from trailerflow.terminal import scripts
scripts.understand(Path(sys.argv[1])); scripts.read(Path(sys.argv[1]))
print(",".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_neither_loads_what_draws_encodes_speaks_or_serves() -> None:
    told = subprocess.run([sys.executable, "-c", PROBE, str(BELL)], capture_output=True, text=True, check=True).stdout
    assert not set(told.strip().split(",")) & set(HEAVY)


def test_offsets_lead_back_to_the_words_of_the_source() -> None:
    told, source = scripts.read(BELL), BELL.read_text(encoding="utf-8")
    assert list(told) == ["format", "encoding", "title_page", "elements", "scenes", "characters", "warnings"]
    for element in told["elements"]:
        assert element["text"].split()[0].strip("#>") in source[element["start"] : element["end"]]
    for scene in told["scenes"]:
        assert scene["heading"] in source[scene["start"] : scene["end"]]


def test_elements_say_only_what_their_type_has_to_say() -> None:
    by_type = {element["type"]: element for element in scripts.read(BELL)["elements"]}
    common = {"type", "text", "line", "start", "end"}
    assert set(by_type["heading"]) == common | {"number"}
    assert set(by_type["character"]) == common | {"extensions", "dual"}
    assert set(by_type["section"]) == common | {"level"}
    assert set(by_type["action"]) == common


def test_what_was_understood_is_whole_and_in_bounds() -> None:
    told = scripts.understand(BELL)
    assert list(told) == ["scenes", "turning_points", "preference", "characters", "settings"]
    assert sorted(told["preference"]) == [scene["index"] for scene in told["scenes"]] == list(range(20))
    for scene in told["scenes"]:
        assert all(0 <= value <= 1 for value in (scene["salience"], *scene["scores"].values()))
        assert {entry["score"] for entry in scene["evidence"]} <= set(scene["scores"])
    ida = next(one for one in told["characters"] if one["name"] == "IDA")
    assert (ida["age"], ida["gender"], ida["clothing"]) == (34, "female", ["yellow raincoat", "hood"])
    water = next(one for one in told["settings"] if one["name"] == "RESERVOIR")
    assert (water["scenes"], water["times_of_day"]) == ([0, 11], ["dawn", "night"])
    assert ida["relations"][0] == {"name": "REKE", "scenes": 6}


def test_the_commands_print_for_programs_and_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    for command, account in ((scripts.parse, scripts.read), (scripts.analyse, scripts.understand)):
        assert command(BELL, json=True) == 0
        assert json.loads(capsys.readouterr().out) == account(BELL)
        assert command(BELL) == 0
        assert "IDA" in capsys.readouterr().out


def test_a_file_that_is_no_screenplay_is_refused(tmp_path: Path) -> None:
    picture = tmp_path / "picture.fountain"
    picture.write_bytes(b"\x89PNG\r\n" + b"\x00" * 100)
    with pytest.raises(BadScript):
        scripts.understand(picture)


def test_a_script_that_tells_nothing_yet_can_be_looked_at_but_not_understood(tmp_path: Path) -> None:
    bare = tmp_path / "bare.fountain"
    bare.write_text("INT. A - DAY\n\n= What happens here\n", encoding="utf-8")
    assert [element["type"] for element in scripts.read(bare)["elements"]] == ["heading", "synopsis"]
    with pytest.raises(BadScript):
        scripts.understand(bare)
    bare.write_text("\n", encoding="utf-8")
    with pytest.raises(BadScript):
        scripts.read(bare)
