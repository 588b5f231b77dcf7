// As much of Grafana's dashboard page (11.5 to 13) as somebody who takes its picture can tell: the marks on panels, lazy
// loading, the count of running queries, and the ways in which it goes wrong.
"use strict";

const ROOT = document.documentElement.dataset.root;
const CELL = 38;
const GAP = 8;
const query = new URLSearchParams(location.search);

const make = (tag, attributes = {}, children = []) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

const mark = (name) => ({ "data-testid": `data-testid ${name}` });

const ask = async (path, options = {}) => {
  const answer = await fetch(ROOT + path, options);
  if (answer.status === 401) location.href = `${ROOT}login`;
  return answer;
};

const count = (change) => {
  window.__grafanaRunningQueryCount = (window.__grafanaRunningQueryCount ?? 0) + change;
};

const draw = (content, panel) => {
  const canvas = make("canvas", { width: content.clientWidth || 300, height: content.clientHeight || 100 });
  content.replaceChildren(canvas);
  if (panel.shows === "webgl") {
    const gl = canvas.getContext("webgl", { preserveDrawingBuffer: true });
    gl.clearColor(0, 1, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    return;
  }
  const context = canvas.getContext("2d");
  if (panel.shows === "noise") {
    const image = context.createImageData(canvas.width, canvas.height);
    // As hard to compress as anything: a picture of it is as large as one can be.
    for (let from = 0; from < image.data.length; from += 65536)
      crypto.getRandomValues(image.data.subarray(from, Math.min(from + 65536, image.data.length)));
    for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255;
    context.putImageData(image, 0, 0);
    return;
  }
  for (let line = 0; line < 4; line++) {
    context.strokeStyle = ["#73bf69", "#f2cc0c", "#5794f2", "#ff9830"][line];
    context.beginPath();
    for (let x = 0; x < canvas.width; x++)
      context.lineTo(x, canvas.height * (0.5 + 0.1 * line * Math.sin(x / 20 + panel.id + line)));
    context.stroke();
  }
};

const sayError = (section, content, message) => {
  section.querySelector("header").append(make("button", { ...mark("Panel status error"), "aria-label": "Panel status" }, ["⚠"]));
  if (message) content.replaceChildren(make("div", mark("Panel data error message"), [message]));
};

const show = (section, content, panel, answer) => {
  if (panel.shows === "no-data") content.replaceChildren(make("div", mark("Panel data error message"), ["No data"]));
  else if (panel.shows === "stat-no-data") content.replaceChildren(make("div", {}, [make("span", {}, ["No data"])]));
  else if (panel.shows === "no-value") content.replaceChildren(make("div", mark("Panel data error message"), ["nothing to see"]));
  else if (panel.shows === "wrong-shape") content.replaceChildren(make("div", mark("Panel data error message"), ["Data is missing a number field"]));
  else if (panel.shows === "plugin-error") content.replaceChildren(make("div", mark("Alert error"), ["An unexpected error happened"]));
  else if (answer.status >= 400) {
    // From 13.3 on errors look different; only the answer of the query still tells.
    if (window.board.version < 13.3) sayError(section, content, "");
    else content.replaceChildren(make("div", {}, ["!"]));
  } else if (panel.shows === "text") content.replaceChildren(make("p", {}, [panel.text]));
  else draw(content, panel);
};

const run = async (section, content, panel) => {
  const bar = make("div", { "aria-label": "Panel loading bar" });
  section.append(bar);
  count(1);
  try {
    const headers = { "Content-Type": "application/json", "X-Panel-Id": String(panel.id), "X-Dashboard-Uid": window.board.uid };
    const body = JSON.stringify({ from: query.get("from"), to: query.get("to"), queries: [{ refId: "A" }] });
    const answer = await ask(`api/ds/query?ds_type=prometheus&requestId=SQR${panel.id}`, { method: "POST", headers, body });
    await answer.json();
    show(section, content, panel, answer);
    bar.remove();
  } finally {
    count(-1);
  }
};

const mount = (place, panel) => {
  const header = make("header", {}, [make("h2", {}, [panel.title])]);
  const content = make("div", mark("panel content"));
  const section = make("section", mark(`Panel header ${panel.title}`), [header, content]);
  place.replaceChildren(make("div", { "data-viz-panel-key": `panel-${panel.id}`, class: "viz" }, [section]));
  if (panel.script) new Function("section", "content", panel.script)(section, content);
  if (panel.shows === "spinner") {
    section.append(make("div", { "aria-label": "Panel loading bar", class: "bar" }));
    count(1);
  } else if (panel.shows === "static") content.replaceChildren(make("p", {}, [panel.text || "static text"]));
  else run(section, content, panel);
};

const observer = new IntersectionObserver(
  (entries) => entries.filter((each) => each.isIntersecting).forEach((each) => each.target.load?.()),
  { rootMargin: "100px" },
);

let lazyId = 0;
const item = (panel, top) => {
  const lazy = make("div", { id: String(++lazyId), class: "lazy" }, ["\u00A0"]);
  const place = make("div", { "data-griditem-key": `grid-item-${panel.id}`, class: "item" }, [lazy]);
  Object.assign(place.style, {
    left: `${(panel.x / 24) * 100}%`,
    width: `calc(${(panel.w / 24) * 100}% - ${GAP}px)`,
    top: `${(top + panel.y) * CELL}px`,
    height: `${panel.h * CELL - GAP}px`,
  });
  lazy.load = () => {
    lazy.load = undefined;
    mount(lazy, panel);
  };
  observer.observe(lazy);
  return place;
};

const height = (panels) => Math.max(0, ...panels.map((each) => each.y + each.h));

const rowOf = (row, top, arrange) => {
  const label = row.open ? "Collapse row" : "Expand row";
  const button = make("button", { ...mark(`dashboard-row-title-${row.title}`), "aria-label": label }, [row.title]);
  button.onclick = () => {
    row.open = !row.open;
    arrange();
  };
  const place = make("div", { "data-griditem-key": `row-${row.title}`, class: "item" }, [button]);
  Object.assign(place.style, { left: 0, width: "100%", top: `${top * CELL}px`, height: "30px" });
  return place;
};

const arrange = () => {
  const grid = document.getElementById("grid");
  const kept = new Map([...grid.children].map((each) => [each.dataset.griditemKey, each]));
  const places = window.board.panels.map((panel) => kept.get(`grid-item-${panel.id}`) ?? item(panel, 0));
  let top = height(window.board.panels);
  for (const row of window.board.rows) {
    places.push(rowOf(row, top, arrange));
    top += 1;
    if (!row.open) continue;
    places.push(...row.panels.map((panel) => item(panel, top)));
    top += height(row.panels);
  }
  grid.style.height = `${top * CELL}px`;
  grid.replaceChildren(...places);
};

const single = (panel) => {
  const place = make("div", { class: "single" });
  document.getElementById("grid").replaceWith(place);
  mount(place, panel);
};

const start = async () => {
  document.documentElement.classList.add(query.get("theme") === "light" ? "light" : "dark");
  const uid = location.pathname.slice(ROOT.length).split("/")[1];
  const answer = await ask(`api/dashboards/uid/${uid}`);
  if (answer.status === 404) {
    document.body.replaceChildren(make("div", mark("entity-not-found"), ["Dashboard not found"]));
    return;
  }
  if (!answer.ok) {
    document.body.replaceChildren(make("div", { "data-testid": "dashboard-page-error" }, [(await answer.json()).message]));
    return;
  }
  window.board = (await answer.json()).dashboard;
  window.__grafanaSceneContext = {};
  if (window.board.script) new Function(window.board.script)();
  const wanted = query.get("viewPanel");
  const all = [...window.board.panels, ...window.board.rows.flatMap((row) => row.panels)];
  const found = all.find((each) => wanted === String(each.id) || wanted === `panel-${each.id}`);
  if (wanted && !found) {
    // Grafana says so in a toast, which a kiosk page hides, and shows the whole dashboard.
    query.delete("viewPanel");
    history.replaceState(null, "", `${location.pathname}?${query}`);
  }
  if (wanted && found) single(found);
  else arrange();
};

start();
