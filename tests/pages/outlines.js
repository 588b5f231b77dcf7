// Builds a page out of an outline (see outlines.py), step by step as Grafana does.
"use strict";

const ROOT = document.documentElement.dataset.root;
const told = JSON.parse(document.getElementById("outline").textContent);
const NAMES = { testid: "data-testid", label: "aria-label", role: "role", expanded: "aria-expanded", key: "data-viz-panel-key", item: "data-griditem-key" };
const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
const counted = (change) => {
  window.__grafanaRunningQueryCount = (window.__grafanaRunningQueryCount ?? 0) + change;
};

const visible = (element) =>
  new Promise((resolve) => {
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((each) => each.isIntersecting)) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(element);
  });

const paint = (canvas) => {
  const context = canvas.getContext("2d");
  for (let line = 0; line < 4; line++) {
    context.strokeStyle = ["#73bf69", "#f2cc0c", "#5794f2", "#ff9830"][line];
    context.beginPath();
    for (let x = 0; x < canvas.width; x++) context.lineTo(x, canvas.height * (0.5 + 0.1 * line * Math.sin(x / 20 + line)));
    context.stroke();
  }
};

// The view of one panel is as tall as the window; the outline's window was this tall.
const single = new URLSearchParams(location.search).has("viewPanel");
const stretch = (value) => (single ? (value * (innerHeight - 81)) / 919 : value);

const worded = (node) => Boolean(node.text) || node.children.some(worded);

const make = (node, origin) => {
  const element = node.tag === "svg" ? document.createElementNS("http://www.w3.org/2000/svg", "svg") : document.createElement(node.tag);
  for (const [name, attribute] of Object.entries(NAMES)) if (node[name] !== undefined) element.setAttribute(attribute, node[name]);
  const [left, top, width, height] = node.box;
  const inner = node.key !== undefined || origin.inner;
  const tall = inner ? stretch(height) : height;
  Object.assign(element.style, {
    left: `${left - origin.left}px`,
    top: `${origin.inner ? stretch(top - origin.top) : top - origin.top}px`,
    width: `${width}px`,
    height: `${tall}px`,
  });
  if (node.tag === "canvas") {
    [element.width, element.height] = [width, tall];
    paint(element);
  }
  if (node.text && !node.children.some(worded)) element.append(node.text);
  return [element, { left, top, inner }];
};

const build = (node, origin = { left: 0, top: 0 }) => {
  const [element, own] = make(node, origin);
  for (const child of node.children) {
    if (child.key !== undefined) {
      // Below the window its place stays empty.
      if (node.item !== undefined) visible(element).then(() => element.append(mount(child, own)));
      else element.append(mount(child, own));
    } else element.append(build(child, own));
  }
  return element;
};

const CONTENT = "data-testid panel content";
const find = (node, test) => (test(node) ? node : node.children.map((each) => find(each, test)).find(Boolean));

const mount = (node, origin) => {
  const [element, own] = make(node, origin);
  const content = find(node, (each) => each.testid === CONTENT);
  const header = (each) => (each === content ? { ...each, text: "", children: [] } : { ...each, children: each.children.map(header) });
  const failed = (each) => /Panel status error/.test(each.testid ?? "");
  const bare = (each) => ({ ...each, children: each.children.filter((inner) => !failed(inner)).map(bare) });
  for (const child of node.children) element.append(build(bare(header(child)), own));
  fill(element, node, own, content);
  return element;
};

const fill = async (element, node, own, content) => {
  const id = /panel-(\d+)/.exec(node.key)[1];
  if (!content) return;
  const whole = () => element.replaceChildren(...node.children.map((each) => build(each, own)));
  if (find(content, (each) => each.testid === "TextPanel-converted-content")) return whole();
  if (told.hollow.includes(node.key)) return;
  const bar = document.createElement("div");
  bar.setAttribute("aria-label", "Panel loading bar");
  bar.setAttribute("role", "status");
  element.querySelector("section").append(bar);
  counted(1);
  const headers = { "Content-Type": "application/json", "X-Panel-Id": id, "X-Dashboard-Uid": told.uid };
  await fetch(`${ROOT}api/ds/query`, { method: "POST", headers, body: "{}" }).then((answer) => answer.json(), () => null);
  counted(-1);
  // One that was pushed out of the window meanwhile is not drawn before it comes back.
  await visible(element);
  whole();
  if (told.crash[node.key]) {
    const place = element.querySelector(`[data-testid="${CONTENT}"]`);
    place.innerHTML = '<div data-testid="data-testid Alert error"><div>An unexpected error happened</div><details></details></div>';
    place.querySelector("details").textContent = told.crash[node.key];
  }
};

const lowest = (nodes) => Math.max(0, ...nodes.map((each) => (each.key || each.item || !/Layout|Splitter/.test(each.testid ?? "") ? each.box[1] + each.box[3] : 0)), ...nodes.map((each) => (each.children.length ? lowest(each.children) : 0)));

// What is only as tall as the window was is cut to what it holds.
const cut = (node) => {
  if (/Layout container|Splitter/.test(node.testid ?? "")) node.box[3] = Math.max(1, lowest(node.children) - node.box[1]);
  node.children.forEach(cut);
};

const show = (nodes) => {
  nodes.forEach(cut);
  document.body.replaceChildren(...nodes.map((each) => (each.key === undefined ? build(each) : mount(each, { left: 0, top: 0 }))));
  document.body.style.height = single ? "100vh" : `${lowest(nodes) + 16}px`;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", String(tab.textContent === (window.openTab ?? document.querySelector("[role=tab]").textContent)));
    tab.addEventListener("click", () => {
      window.openTab = tab.textContent;
      if (told.tabs[window.openTab]) show(told.tabs[window.openTab]);
    });
  }
};

const controls = (nodes) => nodes.filter((each) => /dashboard controls/.test(each.testid ?? ""));

(async () => {
  await wait(told.comes);
  window.__grafanaSceneContext = {};
  if (told.first) {
    show(told.first);
    const asking = document.createElement("div");
    asking.setAttribute("aria-label", "data-testid Loading indicator");
    Object.assign(asking.style, { width: "12px", height: "32px" });
    document.body.append(asking);
    await wait(told.variables);
  } else show(controls(told.settled));
  show(told.settled);
})();
