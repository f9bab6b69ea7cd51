// The reader: a document at one exact span, over the side pane, a sheet on phones.

import { announce, copy, getJson, label, make, makeButton, parseSpan, place, sameSpan, spanAddress, where } from "./dom.js";
import { pageButton } from "./picture.js";

let current = null; // the span that is open
let opener = null; // the link that gets the focus back
let latest = 0; // answers to earlier clicks are dropped

export function isOpen() {
  return current !== null;
}

export async function openReader(span, link = null) {
  const turn = ++latest;
  let shown;
  try {
    const { document: id, start, end, mark } = span;
    shown = await getJson(`/chat/reading?${new URLSearchParams({ document: id, start, end, mark: mark ?? "" })}`);
  } catch {
    announce(label("offline"));
    return;
  }
  if (turn !== latest) return;
  current = span;
  opener = link ?? opener;
  draw(shown);
  history.replaceState(null, "", spanAddress(span));
  markOpen();
}

export function closeReader() {
  if (!current) return;
  latest++;
  current = null;
  document.getElementById("reader")?.remove();
  document.body.classList.remove("reading");
  document.getElementById("tabs").inert = false;
  history.replaceState(null, "", location.pathname + location.search);
  markOpen();
  giveFocusBack();
}

function giveFocusBack() {
  const link = opener?.isConnected ? opener : findLink(opener?.getAttribute("href"));
  (link ?? document.querySelector("#box textarea"))?.focus({ preventScroll: true });
  opener = null;
}

function findLink(address) {
  return address ? document.querySelector(`#chat a[href="${CSS.escape(address)}"]`) : null;
}

// The numbers of the open span turn solid; Gradio may redraw a message, so this is idempotent.
export function markOpen() {
  for (const link of document.querySelectorAll('#chat a[href^="#src/"], #chat a[href^="#see/"], .card')) {
    const span = link.matches("a") ? parseSpan(link.getAttribute("href")) : link.span;
    if (current && sameSpan(span, current)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function draw(shown) {
  document.getElementById("reader")?.remove();
  const reader = make("section", { id: "reader", role: "region", "aria-label": shown.title ?? shown.document }, header(shown), body(shown));
  document.getElementById("side").append(reader);
  document.body.classList.add("reading");
  document.getElementById("tabs").inert = true; // it lies behind the reader
  settle(reader);
}

function header(shown) {
  const back = makeButton("", { class: "back", "aria-label": `← ${label("back")}` }, closeReader);
  back.append(make("span", { "aria-hidden": "true" }, "← "), label("back"));
  const copying = shown.problem ? "" : makeButton(label("copy_quote"), { class: "copy-quote" }, () => copy(quotation(shown)));
  const paging = shown.pictures ? pageButton(current, shown) : "";
  return make(
    "header",
    {},
    make("div", { class: "bar" }, back, paging, copying),
    make("h2", { title: shown.title ?? null }, shown.title ?? shown.document),
    make("p", { class: "place" }, shown.problem ? shown.document : place(shown)),
    ...(shown.dates ?? []).map((date) => make("p", { class: "place dated" }, dateLine(date))),
  );
}

// When the document is from, and what says so: "published 2025-03-05 · “Lima, 5 March 2025”, line 3".
function dateLine({ kind, days, field, quote, line }) {
  const [date, last] = days;
  const said = label(date === last ? "covers_day" : kind, { date, last });
  const named = field === "file name" ? label("says_name") : label("says_field", { name: field });
  return `${said} · ${field ? named : `“${quote}”, ${label("line", { n: line })}`}`;
}

function quotation(shown) {
  return `“${shown.quote}” — ${shown.title}, ${shown.document}, ${where(shown)}`;
}

function body(shown) {
  if (shown.problem) return make("div", { class: "page problem", tabindex: "-1" }, label(shown.problem));
  const hit = make("mark", { id: "hit", tabindex: "-1" }, shown.quote);
  const note = (show, key) => (show ? make("span", { class: "cut" }, label(key)) : "");
  return make("div", { class: "page text", tabindex: "0", "aria-label": shown.title }, note(shown.cut[0], "cut_before"), shown.before, hit, shown.after, note(shown.cut[1], "cut_after"));
}

// The span comes to a third from the top of the page; only the page scrolls.
function settle(reader) {
  const page = reader.querySelector(".page");
  const hit = reader.querySelector("#hit");
  (hit ?? page).focus({ preventScroll: true });
  if (!hit) return;
  const above = hit.getBoundingClientRect().top - page.getBoundingClientRect().top;
  page.scrollTop += above - page.clientHeight / 3;
}
