// Walks through the events of a recorded step. Everything it shows stands in the page itself.
"use strict";

const { recording, view } = JSON.parse(document.getElementById("data").textContent);
const last = recording.events.length - 1;
const byId = (id) => document.getElementById(id);
let cursor = 0;

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

// A number with four significant digits; JSON has no word for what is not finite.
function number(value) {
  if (value === null) return "not finite";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  return value.toPrecision(4).replace("e+", "e");
}

const shape = (sizes) => (sizes.length ? sizes.join(" × ") : "a number");

// Orange is negative, the ground zero, blue positive; dark red is NaN or infinity.
function paint(canvas, picture) {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ground = dark ? [25, 29, 36] : [255, 255, 255];
  const ends = dark ? [[255, 133, 82], [116, 179, 247]] : [[194, 65, 12], [26, 100, 180]];
  canvas.width = picture.columns;
  canvas.height = picture.rows;
  const image = new ImageData(picture.columns, picture.rows);
  Array.from(atob(picture.levels), (each) => each.charCodeAt(0) - 128).forEach((level, place) => {
    const share = Math.abs(level) / 127;
    const end = ends[level < 0 ? 0 : 1];
    const color = level === -128 ? [179, 32, 44] : ground.map((from, i) => from + (end[i] - from) * share);
    image.data.set([...color, 255], 4 * place);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function tensor(label, place) {
  const value = recording.values[place];
  const card = element("div", "", "tensor");
  card.dataset.value = place;
  card.append(element("h3", label));
  const canvas = element("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `heatmap of ${label}`);
  paint(canvas, view.pictures[place]);
  const facts = element("dl");
  const rows = [["shape", shape(value.shape)], ["dtype", value.dtype]];
  for (const [name, key] of [["std", "deviation"], ["min", "smallest"], ["max", "largest"], ["norm", "norm"]]) {
    rows.push([name, number(value.statistics[key]), value.statistics[key]]);
  }
  const flaws = value.statistics.nans + value.statistics.infinities;
  if (flaws) rows.push(["not finite", String(flaws)]);
  for (const [name, text, exact] of rows) {
    const fact = element("dd", text, name === "not finite" ? "flawed" : "");
    if (exact !== undefined) fact.title = fact.dataset.exact = String(exact);
    facts.append(element("dt", name), fact);
  }
  card.append(canvas, facts);
  return card;
}

function tensorsOf(event) {
  const found = [...event.inputs.map((port) => ["", port]), ...event.outputs.map((port) => ["→ ", port])]
    .filter(([, port]) => port.value !== null)
    .map(([sign, port]) => [sign + (port.label || "result"), port.value]);
  for (const each of recording.parameters.filter((one) => event.parameters.includes(one.name))) {
    const places = [["before", each.before], ["gradient", each.gradient], ["after", each.after]];
    found.push(...places.filter(([, place]) => place !== null).map(([word, place]) => [`${each.name}, ${word}`, place]));
  }
  const seen = new Set();
  return found.filter(([label, place]) => !seen.has(label + place) && seen.add(label + place));
}

function showGraph() {
  const { graph, current, waiting, differentiated, updated, edges, now, failed } = view.progress[cursor];
  for (const each of document.querySelectorAll(".graph")) {
    each.toggleAttribute("hidden", each.id !== `graph-${graph}`);
  }
  const svg = byId(`graph-${graph}`);
  svg.dataset.phase = recording.events[cursor].phase;
  for (const node of svg.querySelectorAll(".node")) {
    const id = Number(node.dataset.node);
    node.classList.toggle("waiting", waiting.includes(id));
    node.classList.toggle("differentiated", differentiated.includes(id));
    node.classList.toggle("updated", updated.includes(id));
    node.classList.toggle("now", current.includes(id));
    node.classList.toggle("failed", failed === id);
  }
  for (const edge of svg.querySelectorAll(".edges polyline")) {
    const key = [edge.dataset.from, edge.dataset.to, edge.dataset.inputIndex].join(" ");
    edge.classList.toggle("travelled", edges.includes(key));
    edge.classList.toggle("now", now.includes(key));
  }
}

function keepInSight(part, frame) {
  if (!part) return;
  const inner = part.getBoundingClientRect();
  const outer = frame.getBoundingClientRect();
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    frame.scrollTop += inner.top - outer.top - outer.height / 3;
  }
}

function showLists(event) {
  for (const [at, row] of [...byId("list").children].entries()) {
    row.classList.toggle("reached", at <= cursor);
    row.setAttribute("aria-selected", String(at === cursor));
  }
  byId("list").setAttribute("aria-activedescendant", `event-${cursor}`);
  keepInSight(byId(`event-${cursor}`), byId("events"));
  for (const line of byId("lines").children) {
    const here = Number(line.getAttribute("value"));
    line.classList.toggle("now", here === event.line);
    line.classList.toggle("origin", here === event.origin && here !== event.line);
  }
  keepInSight(byId(`line-${event.line}`), byId("code"));
}

function showInspector(event) {
  const told = view.events[cursor];
  byId("sentence").textContent = [told.sentence, event.error].filter(Boolean).join(" ");
  byId("formulas").replaceChildren(
    ...told.formulas.flatMap(([formula, shapes, words]) => [element("code", formula), element("small", `${shapes} ${words}`)]),
  );
  byId("tensors").replaceChildren(...tensorsOf(event).map(([label, place]) => tensor(label, place)));
}

function go(place) {
  if (last < 0) return;
  cursor = Math.min(Math.max(place, 0), last);
  const event = recording.events[cursor];
  byId("slider").value = cursor;
  byId("place").textContent = `${view.events[cursor].phase} · event ${cursor + 1} of ${last + 1} · ${event.op}`;
  document.body.dataset.event = cursor;
  showGraph();
  showLists(event);
  showInspector(event);
}

// The first event of the next phase, or of this one or the one before.
function phase(step) {
  const starts = view.phases;
  if (step > 0) return starts.find((start) => start > cursor) ?? last;
  return starts.findLast((start) => start < cursor) ?? 0;
}

const moves = {
  first: () => 0, previous: () => cursor - 1, next: () => cursor + 1, last: () => last,
  earlier: () => phase(-1), later: () => phase(1),
};
const keys = {
  ArrowRight: "next", ArrowDown: "next", ArrowLeft: "previous", ArrowUp: "previous",
  Home: "first", End: "last", PageDown: "later", PageUp: "earlier",
};

function fill() {
  for (const event of recording.events) {
    const row = element("li", "", event.phase);
    row.id = `event-${event.number}`;
    row.setAttribute("role", "option");
    if (event.parent !== null || event.inside) row.classList.add("inner");
    const phaseLetter = element("span", event.phase[0].toUpperCase(), "phase");
    phaseLetter.title = event.phase;
    row.append(phaseLetter, element("span", event.op), element("span", event.shape ? shape(event.shape) : "", "shape"));
    row.addEventListener("click", () => go(event.number));
    byId("list").append(row);
  }
  for (const line of byId("lines").children) {
    const here = Number(line.getAttribute("value"));
    line.addEventListener("click", () => {
      const there = recording.events.find((event) => event.line === here || event.origin === here);
      if (there) go(there.number);
    });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys)) return;
  event.preventDefault();
  go(moves[keys[event.key]]());
});
for (const button of document.querySelectorAll("[data-go]")) {
  button.addEventListener("click", () => go(moves[button.dataset.go]()));
}
byId("slider").addEventListener("input", () => go(Number(byId("slider").value)));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => go(cursor));
addEventListener("hashchange", () => go(Number(location.hash.slice(1)) - 1));

fill();
// page.html#7 opens at the seventh event.
go(/^#\d+$/.test(location.hash) ? Number(location.hash.slice(1)) - 1 : view.start);
