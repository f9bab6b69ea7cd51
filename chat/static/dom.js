// Elements, labels and addresses. All text enters the page through textContent.

export const labels = {};

export async function loadLabels() {
  Object.assign(labels, await getJson("/chat/labels"));
}

export function label(key, values = {}) {
  return (labels[key] ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export async function getJson(address, options = {}) {
  const response = await fetch(address, options);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

export function makeButton(text, attributes, action) {
  const button = make("button", { type: "button", ...attributes }, text);
  button.addEventListener("click", action);
  return button;
}

// "#src/<document>/<start>-<end>" -> {document, start, end}, null for anything else.
export function parseSpan(address) {
  const found = /^#(?:src|see)\/(.+)\/(\d+)-(\d+)$/.exec(address ?? "");
  if (!found) return null;
  try {
    return { document: decodeURIComponent(found[1]), start: Number(found[2]), end: Number(found[3]) };
  } catch {
    return null;
  }
}

export function spanAddress({ document: id, start, end }) {
  return `#src/${id.split("/").map(encodeURIComponent).join("/")}/${start}-${end}`;
}

export function sameSpan(a, b) {
  return a && b && a.document === b.document && a.start === b.start && a.end === b.end;
}

// The evidence of an answer as rendering.py packs it: {q, c: references, h: references}.
export function parseEvidence(address) {
  const found = /^#answer\/([\w-]+)$/.exec(address ?? "");
  if (!found) return null;
  try {
    const bytes = Uint8Array.from(atob(found[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

export function asSpan([id, start, end, mark]) {
  return { document: id, start, end, mark };
}

export function postJson(address, content) {
  return getJson(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) });
}

export function fetchSpans(references) {
  return references.length ? postJson("/chat/spans", references) : [];
}

export async function fetchFigures(references) {
  return references.length ? postJson("/chat/figures", references) : { rows: [], series: [], cut: 0, left_out: 0 };
}

export function saveFile(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

const PLACES = ["page", "sheet", "row", "paragraph", "record"];

export function where(span) {
  const found = PLACES.filter((kind) => span.places?.[kind]);
  if (!found.length) return label("line", { n: span.line });
  return found.map((kind) => label(kind, { n: span.places[kind] })).join(label("comma"));
}

export function place(span) {
  return `${span.document} · ${where(span)}`;
}

export async function copy(text) {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    done = copyOldWay(text);
  }
  announce(label(done ? "copied" : "not_copied"));
}

// Pages served by plain http under another name than localhost have no navigator.clipboard.
function copyOldWay(text) {
  const focused = document.activeElement;
  const area = make("textarea", { class: "unseen", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

let fading = 0;

export function announce(text) {
  let region = document.getElementById("said");
  if (!region) {
    region = make("div", { id: "said", role: "status" });
    document.body.append(region);
  }
  region.textContent = text;
  region.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => region.classList.remove("shown"), 1800);
}
