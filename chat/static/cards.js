// Source cards beside the chat, and the card that appears over a number.

import { asSpan, fetchSpans, label, make, parseEvidence, parseSpan, place, sameSpan, spanAddress } from "./dom.js";

let drawn = null; // address of the evidence that is shown

export function showEvidence(address) {
  if (address === drawn) return;
  const evidence = parseEvidence(address);
  drawn = address;
  if (evidence) fill(address, evidence);
  else fillEmpty();
}

export function forgetEvidence() {
  drawn = null;
  known.clear();
}

function container() {
  const column = document.getElementById("sources");
  return column.querySelector(".cards") ?? column.appendChild(make("div", { class: "cards" }));
}

function fillEmpty() {
  container().replaceChildren(make("p", { class: "nothing" }, label("no_sources")));
}

async function fill(address, evidence) {
  const spans = await fetchSpans([...evidence.c, ...evidence.h]).catch(() => null);
  if (address !== drawn) return;
  if (!spans) {
    container().replaceChildren(make("p", { class: "nothing" }, label("offline")));
    return;
  }
  const words = keywords(evidence.q);
  const numbers = new Map(); // span -> its numbers: two cells of a row are one passage
  for (const [i, reference] of evidence.c.entries()) numbers.set(String(reference), [...(numbers.get(String(reference)) ?? []), i + 1]);
  const cards = [...evidence.c, ...evidence.h].map((reference, row) => card(asSpan(reference), spans[row], numbers.get(String(reference)) ?? [], words));
  const cited = cards.slice(0, evidence.c.length).filter((_, i) => numbers.get(String(evidence.c[i]))[0] === i + 1);
  const found = cards.slice(evidence.c.length);
  const heading = cited.length ? "also_found" : "near_heading";
  container().replaceChildren(...section("cited", cited), ...section(heading, found));
}

function section(key, cards) {
  if (!cards.length) return [];
  return [make("h2", {}, label(key)), ...cards];
}

function card(span, shown, numbers, words) {
  const link = make("a", { class: "card", href: spanAddress(span) });
  link.span = span;
  const badges = numbers.map((n) => make("span", { class: "badge", "aria-label": label("citation", { n }) }, String(n)));
  link.append(make("span", { class: "card-title" }, ...badges, shown.title ?? shown.document));
  if (shown.problem) link.append(make("span", { class: "card-problem" }, label(shown.problem)));
  else link.append(make("span", { class: "card-text" }, ...emphasised(shown.quote, words)), make("span", { class: "place" }, place(shown)));
  return link;
}

const COMMON = new Set(
  ("the and for was were has have had are its that this with from what which when where who whom how why did does" +
    " much many into about than then there their they per not you your can could would should will may any all").split(" "),
);

// Words of the question without the commonest; for Chinese, pairs of characters.
function keywords(question) {
  const folded = question.normalize("NFKC").toLowerCase();
  const latin = (folded.match(/[\p{L}\p{N}]+/gu) ?? []).filter((w) => !/\p{Script=Han}/u.test(w));
  const pairs = (folded.match(/\p{Script=Han}+/gu) ?? []).flatMap((run) => [...run].slice(1).map((c, i) => [...run][i] + c));
  const words = latin.filter((w) => w.length > 2 && !COMMON.has(w)).map((w) => (w.length > 5 ? w.slice(0, -2) : w));
  return [...new Set([...words, ...pairs])];
}

// The text with words that begin like a word of the question in bold.
// Marks of headings, rules and edges of tables are left out: the reader shows every character.
function emphasised(text, words) {
  const plain = text.replace(/^\s*#{1,6} |^[\s|:-]*-[\s|:-]*$/gm, "").replace(/^\s*\|/gm, "").replace(/\s*\|\s*$/gm, ";").replace(/ \| /g, " · ");
  const flat = plain.replace(/\s+/g, " ").trim();
  if (!words.length) return [flat];
  const pattern = words.map((w) => (/\p{Script=Han}/u.test(w) ? w : `(?<![\\p{L}\\p{N}])${w}[\\p{L}\\p{N}]*`)).join("|");
  return flat
    .split(new RegExp(`(${pattern})`, "giu"))
    .map((piece, i) => (i % 2 ? make("b", {}, piece) : piece));
}

// ---- the card over a number ------------------------------------------------------------------

const known = new Map(); // "mark address" -> span as shown
let hovered = null;

export async function hover(link) {
  const span = parseSpan(link.getAttribute("href"));
  if (!span) return;
  hovered = link;
  const mark = markOf(link, span);
  const key = `${mark} ${link.getAttribute("href")}`;
  if (!known.has(key)) {
    const [shown] = await fetchSpans([[span.document, span.start, span.end, mark]]).catch(() => []);
    if (!shown) return;
    if (known.size > 500) known.clear();
    known.set(key, shown);
  }
  if (hovered === link && link.isConnected) drawHover(link, known.get(key));
}

export function unhover() {
  hovered = null;
  document.getElementById("hover")?.remove();
}

// The fingerprint of the cited words stands in the small line of the same message.
export function markOf(link, span) {
  const small = link.closest(".message, .bot")?.querySelector('a[href^="#answer/"]');
  const evidence = parseEvidence(small?.getAttribute("href"));
  const same = [...(evidence?.c ?? []), ...(evidence?.h ?? [])].find((reference) => sameSpan(asSpan(reference), span));
  return same ? same[3] : "";
}

function drawHover(link, shown) {
  document.getElementById("hover")?.remove();
  const box = make(
    "div",
    { id: "hover", role: "tooltip" },
    make("strong", {}, shown.title ?? shown.document),
    shown.problem ? make("p", {}, label(shown.problem)) : make("blockquote", {}, shown.quote),
    shown.problem ? "" : make("span", { class: "place" }, place(shown)),
  );
  document.body.append(box);
  put(box, link.getBoundingClientRect());
}

function put(box, anchor) {
  const gap = 8;
  const { width, height } = box.getBoundingClientRect();
  const left = Math.max(gap, Math.min(anchor.left - 24, innerWidth - width - gap));
  const above = anchor.top - height - gap;
  box.style.left = `${left}px`;
  box.style.top = `${above > gap ? above : Math.min(anchor.bottom + gap, innerHeight - height - gap)}px`;
}
