"""The replay page: what stands in it, and each event of it as a real browser shows it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from playground.own_program import OwnProgram
from playground.recording.model import Recording
from playground.settings import Settings, make_settings
from playground.stages import STAGES
from playground.workspace.replay import replay_page
from playground.workspace.runs import recording_of
from playground.workspace.scripts import script_of
from tests.engine.workspace.headless_browser import NAMES, Page, find_browser, open_browser

ODD = '''"""</script><script>alert("1")</script><!-- & ü 🙂"""
import torch

torch.manual_seed(0)
w = torch.randn(3, 2, requires_grad=True)
for t in range(3):
    loss = (w * float("nan") if t == 2 else w).pow(2).sum()  # <b>&amp;</b>
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
'''
TWICE = """import torch

w = torch.ones(3, requires_grad=True)
for t in range(2):
    first = (w * 2).sum()
    first.backward()
    second = w.pow(3).sum()
    second.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad.zero_()
"""


def settings_of(name: str) -> Settings:
    texts = {"odd": ODD, "twice": TWICE}
    if name in texts:
        return make_settings(stage="own", own=OwnProgram(str(Path(f"{name}.py").resolve()), texts[name]))
    return make_settings(stage=name, depth=(3, 3)) if name == "dynamic" else make_settings(stage=name)


PROGRAMS = [*(stage.name for stage in STAGES), "odd", "twice"]
STEPS = {"odd": 2}


@cache
def recorded(name: str) -> Recording:
    return recording_of(settings_of(name), STEPS.get(name, 1))


@cache
def page_of(name: str) -> str:
    return replay_page(recorded(name), script_of(settings_of(name)), file=f"{name}.py")


class Parts(HTMLParser):
    """The page's elements, and the text of those with an id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(dict(attrs).get("id") or "")

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        for name in filter(None, self._open):
            self.texts[name] = self.texts.get(name, "") + data


@pytest.mark.parametrize("name", PROGRAMS)
def test_its_values_are_those_of_the_json(name: str) -> None:
    data = json.loads(Parts(page_of(name)).texts["data"])
    assert data["recording"] == json.loads(recorded(name).to_json())
    assert len(data["view"]["pictures"]) == len(data["recording"]["values"])
    assert len(data["view"]["events"]) == len(data["view"]["progress"]) == len(recorded(name).events)


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_shows_the_program_and_every_node_and_edge(name: str) -> None:
    parts = Parts(page_of(name))
    lines = script_of(settings_of(name)).splitlines()
    assert [parts.texts.get(f"line-{number}", "") for number in range(1, len(lines) + 1)] == lines
    assert f"line-{len(lines) + 1}" not in parts.texts
    graphs = [recorded(name).graph, *(each.graph for each in recorded(name).passes[1:])]
    nodes = [attributes for _, attributes in parts.tags if "data-node" in attributes]
    assert len(nodes) == sum(len(graph.nodes) for graph in graphs)
    edges = [attributes for tag, attributes in parts.tags if tag == "polyline"]
    assert len(edges) == sum(len(graph.edges) for graph in graphs)


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_names_nothing_outside_and_is_small(name: str) -> None:
    page = page_of(name)
    assert len(page.encode()) < 2_000_000
    parts = Parts(page)
    addresses = [
        value
        for _, attributes in parts.tags
        for key, value in attributes.items()
        if key in ("src", "href", "action", "data", "poster", "srcset", "xlink:href")
    ]
    assert addresses == ["data:,"]
    assert [tag for tag, _ in parts.tags].count("script") == 2
    policy = next(each["content"] for tag, each in parts.tags if tag == "meta" and "http-equiv" in each)
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; script-src 'sha256-")


def test_the_largest_step_of_the_ladder_is_far_below_the_limit() -> None:
    settings = make_settings(stage="dynamic", depth=(6, 6), optimizer="Adam", optimizer_options={})
    recording = recording_of(settings, 1)
    assert len(replay_page(recording, script_of(settings)).encode()) < 2_000_000


def test_a_title_and_a_name_are_text_whatever_they_hold() -> None:
    page = replay_page(recorded("nn"), "", title="$x <b>&", file="<i>$title")
    parts = Parts(page)
    assert not {"b", "i"} & {tag for tag, _ in parts.tags}
    assert "<title>$x &lt;b&gt;&amp;</title>" in page


def test_a_step_without_an_event_is_a_page_too() -> None:
    empty = replace(recorded("nn"), events=(), passes=(), parameters=())
    assert json.loads(Parts(replay_page(empty, "")).texts["data"])["recording"]["events"] == []


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    found = find_browser()
    if found is None:
        pytest.skip(f"{sys.platform}: no browser to open the page in, none of {', '.join(NAMES)}")
    with open_browser(found, tmp_path_factory.mktemp("browser")) as page:
        yield page


def opened(browser: Page, name: str, folder: Path, place: str = "") -> Path:
    path = folder / f"{name}.html"
    path.write_text(page_of(name), encoding="utf-8")
    browser.requests.clear()
    browser.open(path, place)
    return path


SEEN = """({
  event: Number(document.body.dataset.event),
  slider: Number(document.getElementById("slider").value),
  selected: [...document.querySelectorAll("#list [aria-selected=true]")].map((row) => row.id),
  reached: document.querySelectorAll("#list .reached").length,
  line: [...document.querySelectorAll("#lines .now")].map((line) => line.value),
  origin: [...document.querySelectorAll("#lines .origin")].map((line) => line.value),
  nodes: [...document.querySelectorAll("svg:not([hidden]) .node.now")]
    .map((node) => Number(node.dataset.node)),
  waiting: document.querySelectorAll("svg:not([hidden]) .node.waiting").length,
  graphs: document.querySelectorAll(".graph:not([hidden])").length,
  now: document.querySelectorAll("svg:not([hidden]) .edges .now").length,
  sentence: document.getElementById("sentence").textContent,
  formulas: [...document.querySelectorAll("#formulas code")].map((each) => each.textContent),
  norms: Object.fromEntries([...document.querySelectorAll(".tensor")].map((card) => [
    card.dataset.value,
    [...card.querySelectorAll("dt")].find((each) => each.textContent === "norm").nextSibling.dataset.exact,
  ])),
})"""


def check(seen: dict[str, Any], name: str, number: int) -> None:
    """What is shown is the recording's own event."""
    recording, plain = recorded(name), recorded(name).to_plain()
    event, line = recording.events[number], plain["events"][number]["line"]
    data = json.loads(Parts(page_of(name)).texts["data"])["view"]
    assert seen["event"] == seen["slider"] == number
    assert seen["selected"] == [f"event-{number}"]
    assert seen["reached"] == number + 1
    assert seen["line"] == ([line] if line else [])
    assert seen["origin"] == ([event.origin] if event.origin not in (None, event.line) else [])
    assert seen["graphs"] == 1
    assert seen["nodes"] == data["progress"][number]["current"]
    assert seen["waiting"] == len(data["progress"][number]["waiting"])
    assert seen["now"] == len(data["progress"][number]["now"])
    assert seen["sentence"].startswith(data["events"][number]["sentence"])
    assert seen["formulas"] == [formula for formula, _, _ in data["events"][number]["formulas"]]
    shown = {
        str(place) for port in (*event.inputs, *event.outputs) for place in places(plain, port.value, number)
    }
    assert shown <= set(seen["norms"])
    for place, norm in seen["norms"].items():
        exact = plain["values"][int(place)]["statistics"]["norm"]
        assert norm == "null" if exact is None else float(norm) == exact


def places(plain: dict[str, Any], value: object, number: int) -> list[int]:
    ports = [*plain["events"][number]["inputs"], *plain["events"][number]["outputs"]]
    return [] if value is None else [port["value"] for port in ports if port["value"] is not None]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_browser_walks_through_every_event_in_both_directions(
    name: str, browser: Page, tmp_path: Path
) -> None:
    path = opened(browser, name, tmp_path)
    last = len(recorded(name).events) - 1
    browser.press("Home")
    for number in range(last + 1):
        check(browser.ask(SEEN), name, number)
        browser.press("ArrowRight")
    check(browser.ask(SEEN), name, last)
    for number in range(last - 1, -1, -1):
        browser.press("ArrowLeft")
        assert browser.ask("Number(document.body.dataset.event)") == number
    check(browser.ask(SEEN), name, 0)
    browser.press("End")
    check(browser.ask(SEEN), name, last)
    assert browser.requests == [path.as_uri()]
    assert browser.complaints == []


def test_slider_list_line_phase_and_address_lead_to_their_event(browser: Page, tmp_path: Path) -> None:
    opened(browser, "autograd", tmp_path, "#4")
    check(browser.ask(SEEN), "autograd", 3)
    slider = "const s = document.getElementById('slider'); s.value = 7; s.dispatchEvent(new Event('input'))"
    browser.ask(f"{{ {slider} }}")
    check(browser.ask(SEEN), "autograd", 7)
    browser.ask("document.getElementById('event-2').click()")
    check(browser.ask(SEEN), "autograd", 2)
    recording = recorded("autograd")
    line = recording.events[-1].line
    browser.ask(f"document.getElementById('line-{line}').click()")
    check(browser.ask(SEEN), "autograd", next(each.number for each in recording.events if each.line == line))
    starts = [span.events.start for span in recording.phases()]
    browser.press("Home")
    for start in [*starts[1:], len(recording.events) - 1]:
        browser.press("PageDown")
        check(browser.ask(SEEN), "autograd", start)
    browser.ask("document.querySelector('[data-go=previous]').click()")
    check(browser.ask(SEEN), "autograd", len(recording.events) - 2)


def test_its_policy_lets_no_script_of_another_run_and_nothing_be_fetched(
    browser: Page, tmp_path: Path
) -> None:
    path = tmp_path / "changed.html"
    foreign = "<img src='http://127.0.0.1:9/a.png'><script>document.title = 'foreign'</script></body>"
    path.write_text(page_of("nn").replace("</body>", foreign), encoding="utf-8")
    browser.open(path)
    assert browser.ask("document.title") == "nn, step 1"
    assert "Content Security Policy" in " ".join(browser.complaints)
    browser.complaints.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_readers_light_or_dark(scheme: str, browser: Page, tmp_path: Path) -> None:
    browser.prefer(scheme)
    opened(browser, "nn", tmp_path)
    background = browser.ask("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(241, 243, 247)", "dark": "rgb(16, 19, 24)"}[scheme]
