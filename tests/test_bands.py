"""The bands of progress: whole, in order, and those of the design."""

import pytest

from trailerflow.bands import bands_of

TYPES = ("full_pipeline", "script_analysis_only", "storyboard_only", "video_only", "regenerate_scene")


@pytest.mark.parametrize("workflow_type", TYPES)
@pytest.mark.parametrize("items", [None, 0, 17])
def test_the_bands_of_every_workflow_cover_everything_without_gap_or_overlap(
    workflow_type: str, items: int | None
) -> None:
    bounds = [(low, high) for low, high, _ in bands_of(workflow_type, items).values()]
    assert bounds[0][0] == 0
    assert bounds[-1][1] == 100
    assert [high for _, high in bounds[:-1]] == [low for low, _ in bounds[1:]]
    assert all(low <= high for low, high in bounds)


def test_the_bands_of_the_full_pipeline_are_those_of_the_design() -> None:
    assert {name: band[:2] for name, band in bands_of("full_pipeline", 6).items()} == {
        "upload": (0, 5),
        "analysis": (5, 15),
        "cast": (15, 25),
        "settings": (25, 35),
        "scenes": (35, 45),
        "sheets": (45, 45),
        "images": (45, 70),
        "storyboard": (70, 70),
        "clips": (70, 95),
        "assembly": (95, 100),
    }


def test_a_shorter_workflow_stretches_its_bands() -> None:
    assert {name: band[:2] for name, band in bands_of("video_only", 6).items()} == {
        "clips": (0, 83),
        "assembly": (83, 100),
    }


def test_items_are_counted_where_items_are_made() -> None:
    steps = {name: count for name, (_, _, count) in bands_of("full_pipeline", 17).items()}
    assert [steps[name] for name in ("images", "clips", "assembly")] == [17, 17, 5]
    assert {steps[name] for name in ("cast", "scenes", "sheets", "storyboard")} == {1}
    assert bands_of("full_pipeline", None)["images"][2] is None
