// The Figures tab: a table of the figures of an answer or a document, bars where they compare.

import { fetchFigures, getJson, label, make, makeButton, parseEvidence, saveFile, spanAddress } from "./dom.js";

const COLUMNS = ["printed", "value", "unit", "metric", "entity", "period"];
const FIRST_ROWS = 200;
const ANSWER = "";
const ALL = "*";

let answer = ""; // address of the evidence of the answer that is looked at
let scope = ANSWER; // ANSWER, ALL, or "=" and the id of a document
let shown = { rows: [], series: [], cut: 0, left_out: 0 };
let drawn = null; // scope and answer that the table shows
let sorted = { column: null, down: false };
let needle = "";
let everything = false;

const tab = () => document.getElementById("figures");

// The figures of another answer; they are fetched when the tab is looked at.
export function showFigures(address) {
  answer = address;
  refreshFigures();
}

export function refreshFigures() {
  if (!tab()?.offsetParent) return;
  if (!document.getElementById("figure-table")) build();
  const wanted = scope === ANSWER ? answer : scope;
  if (wanted !== drawn) load(wanted);
}

export function forgetFigures() {
  drawn = null;
  document.getElementById("figure-table")?.remove(); // the list of documents is another one too
  refreshFigures();
}

// ---- controls ----------------------------------------------------------------------------------

function build() {
  drawn = null;
  const choose = make("select", { id: "figure-scope", "aria-label": label("figures_of") });
  choose.addEventListener("change", () => {
    scope = choose.value;
    refreshFigures();
  });
  const filter = make("input", { id: "figure-filter", type: "search", placeholder: label("filter"), "aria-label": label("filter") });
  filter.addEventListener("input", () => {
    needle = filter.value;
    drawCharts();
    drawTable();
  });
  const csv = makeButton(label("download_csv"), { id: "figure-csv" }, download);
  tab().replaceChildren(make("div", { id: "figure-bar" }, choose, filter, csv), make("div", { id: "figure-charts" }), make("div", { id: "figure-table" }));
  fillScopes(choose);
}

async function fillScopes(choose) {
  const option = (value, text) => make("option", { value }, text);
  choose.append(option(ANSWER, label("this_answer")));
  const documents = await getJson("/chat/documents").catch(() => []);
  if (documents.length > 1) choose.append(option(ALL, label("all_documents")));
  choose.append(...documents.map(({ id, title }) => option(`=${id}`, title)));
  choose.value = scope;
  if (choose.value !== scope) {
    scope = choose.value = ANSWER;
    refreshFigures();
  }
}

async function load(wanted) {
  drawn = wanted;
  everything = false;
  say(label("reading_figures"));
  const found = await fetched().catch(() => null);
  if (drawn !== wanted) return;
  if (!found) {
    drawn = null;
    say(label("offline"));
    return;
  }
  shown = found;
  drawCharts();
  drawTable();
}

function fetched() {
  if (scope === ANSWER) return fetchFigures(parseEvidence(answer)?.c ?? []);
  return getJson(scope === ALL ? "/chat/figures" : `/chat/figures?${new URLSearchParams({ document: scope.slice(1) })}`);
}

function say(text) {
  document.getElementById("figure-charts").replaceChildren();
  document.getElementById("figure-table").replaceChildren(make("p", { class: "nothing", role: "status" }, text));
}

// ---- the table ---------------------------------------------------------------------------------

// Whether every word of the filter stands in one of the texts.
function matches(texts) {
  const folded = (text) => text.normalize("NFKC").toLowerCase();
  const text = folded(texts.join(" "));
  return folded(needle).split(/\s+/).every((word) => text.includes(word));
}

function rows() {
  const chosen = shown.rows.filter((row) => matches([...COLUMNS.map((column) => row[column]), grouped(row.value), row.document]));
  const { column, down } = sorted;
  if (!column) return chosen;
  const key = { printed: "size", value: "size", period: "time" }[column] ?? column;
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b));
  // What is not known stays at the end, whichever way the table is sorted.
  const known = (row) => row[column] !== "";
  return chosen.sort((a, b) => known(b) - known(a) || (down ? -1 : 1) * compare(a[key], b[key]));
}

function drawTable() {
  const place = document.getElementById("figure-table");
  const found = rows();
  document.getElementById("figure-csv").disabled = !found.length;
  if (!found.length) {
    const empty = shown.rows.length ? "no_match" : scope === ANSWER && !answer ? "no_figures_yet" : "no_figures";
    place.replaceChildren(make("p", { class: "nothing", role: "status" }, label(empty)));
    return;
  }
  const visible = everything ? found : found.slice(0, FIRST_ROWS);
  const table = make("table", { "aria-label": label("figures") }, make("thead", {}, make("tr", {}, ...COLUMNS.map(heading))), make("tbody", {}, ...visible.map(line)));
  place.replaceChildren(count(found.length), table, ...notes(found, visible));
}

function count(n) {
  const total = shown.rows.length;
  return make("p", { class: "place", role: "status" }, n < total ? label("figure_shown", { n, total }) : label("figure_count", { n }));
}

function notes(found, visible) {
  const more = makeButton(`${label("show_all")} (${found.length})`, { class: "plain" }, () => {
    everything = true;
    drawTable();
  });
  return [
    visible.length < found.length ? more : "",
    visible.some((row) => row.inherited.length) ? make("p", { class: "place" }, label("inherited")) : "",
    shown.cut || shown.left_out ? make("p", { class: "place" }, label("cut_figures")) : "",
  ].filter(Boolean);
}

function heading(column) {
  const way = sorted.column === column ? (sorted.down ? "descending" : "ascending") : "none";
  const button = makeButton(label(column), {}, () => {
    sorted = { column, down: sorted.column === column && !sorted.down };
    drawTable();
    document.querySelector(`#figure-table th[data-column="${column}"] button`).focus({ preventScroll: true });
  });
  return make("th", { scope: "col", "data-column": column, "aria-sort": way }, button);
}

function line(row) {
  const cells = COLUMNS.map((column) => {
    const grey = row.inherited.includes(column) ? "grey" : null;
    const text = column === "value" ? grouped(row.value) : row[column];
    return make("td", { "data-column": column, "data-label": label(column), class: grey }, column === "printed" ? opening(row, text) : text);
  });
  return make("tr", {}, ...cells);
}

// A link to the sentence or row around a figure.
function opening(row, text) {
  const where = `${row.document} · ${label("line", { n: row.line ?? "" })}`;
  const link = make("a", { class: "figure", href: spanAddress(row), title: row.line ? where : row.document, "aria-label": label("source_of", { figure: text }) }, text);
  link.span = { document: row.document, start: row.start, end: row.end, mark: row.mark };
  return link;
}

// 1234567.5 -> 1,234,567.5
function grouped(value) {
  return value.replace(/\d+(\.\d+)?/g, (digits) => {
    const [whole, part] = digits.split(".");
    return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "");
  });
}

// ---- charts ------------------------------------------------------------------------------------

function drawCharts() {
  const found = shown.series.filter(({ metric, common, unit, points }) => matches([metric, common, unit, ...points.flatMap((p) => [p.label, p.printed, p.document])]));
  document.getElementById("figure-charts").replaceChildren(...found.map(chart));
}

// Bars from zero, in proportion; what is below zero goes to the left of it.
function chart(series) {
  const sizes = series.points.map((point) => point.size);
  const low = Math.min(0, ...sizes);
  const width = Math.max(0, ...sizes) - low || 1;
  const title = [series.metric, series.common].filter(Boolean).join(" · ") + (series.unit ? ` (${series.unit})` : "");
  const bars = series.points.map((point) => {
    const bar = make("span", { class: "bar-fill" });
    bar.style.left = `${(100 * (Math.min(0, point.size) - low)) / width}%`;
    bar.style.width = `${(100 * Math.abs(point.size)) / width}%`;
    const track = make("span", { class: "bar-track", "aria-hidden": "true" }, bar);
    track.style.setProperty("--zero", `${(-100 * low) / width}%`);
    return make("li", {}, make("span", { class: "bar-label" }, point.label), track, opening(point, grouped(point.value)));
  });
  return make("figure", {}, make("figcaption", {}, title), make("ol", {}, ...bars));
}

// ---- CSV ---------------------------------------------------------------------------------------

function download() {
  const header = [...COLUMNS.map(label), label("file"), label("line_column")];
  const lines = rows().map((row) => [...COLUMNS.map((column) => row[column]), row.document, String(row.line)]);
  const text = [header, ...lines].map((cells) => cells.map(cell).join(",")).join("\r\n");
  // The byte order mark tells a spreadsheet that this is UTF-8.
  saveFile("figures.csv", "text/csv;charset=utf-8", `\uFEFF${text}\r\n`);
}

// A text that a spreadsheet would take for a formula is made text by an apostrophe; numbers stay.
function cell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}
