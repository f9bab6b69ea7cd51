// What the page does on its own: links of an answer, the sheet on phones, the keyboard, the banner.

import { announce, copy, fetchSpans, getJson, label, loadLabels, make, makeButton, parseEvidence, parseSpan, place } from "./dom.js";
import { hover, markOf, showEvidence, unhover } from "./cards.js";
import { addExport, addLogout, judge, refreshKept } from "./keep.js";
import { closeReader, isOpen, markOpen, openReader } from "./reader.js";

const LIMIT = 4000;
const narrow = matchMedia("(max-width: 820px)");
const hovering = matchMedia("(hover: hover)");

const box = () => document.querySelector("#box textarea");

// ---- starting --------------------------------------------------------------------------------

async function start() {
  listen();
  await loadLabels();
  await present("#box textarea");
  await present("#sources");
  await present("#fresh");
  if (/^zh/i.test(navigator.language)) document.documentElement.lang = "zh";
  document.title = label("page_title");
  document.getElementById("side").prepend(closing());
  document.getElementById("talk").prepend(sheetButton());
  addExport();
  addLogout();
  new MutationObserver(refresh).observe(document.getElementById("chat"), { childList: true, subtree: true });
  refresh();
  followAddress();
  showBanner();
  setInterval(() => document.hidden || showBanner(), 60_000);
}

function present(selector) {
  return new Promise((found) => {
    const look = () => (document.querySelector(selector) ? found() : requestAnimationFrame(look));
    look();
  });
}

function listen() {
  document.addEventListener("click", followLink, true);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("mouseover", onOver);
  document.addEventListener("focusin", onOver);
  document.addEventListener("mouseout", (event) => event.target.closest?.('a[href^="#src/"]') && unhover());
  document.addEventListener("focusout", unhover);
  document.addEventListener("scroll", unhover, true);
  document.addEventListener("input", onInput);
  addEventListener("hashchange", followAddress);
}

// ---- after each change of the conversation -----------------------------------------------------

function refresh() {
  const lines = document.querySelectorAll('#chat a[href^="#answer/"]');
  showEvidence(lines.length ? lines[lines.length - 1].getAttribute("href") : "");
  for (const link of document.querySelectorAll('#chat a[href^="#src/"]:not([aria-label])')) {
    link.setAttribute("aria-label", label("citation", { n: link.textContent }));
  }
  // Gradio reads a message's source aloud, which is all character references here.
  for (const message of document.querySelectorAll("#chat [data-testid][aria-label]")) message.removeAttribute("aria-label");
  markOpen();
  refreshKept();
  sendNext();
}

// ---- links -------------------------------------------------------------------------------------

const KINDS = {
  "#src/": openSpan,
  "#see/": openSpan,
  "#ask/": askLink,
  "#answer/": showSources,
  "#copy": copyAnswer,
  "#good": judge,
  "#bad": judge,
};

function followLink(event) {
  if (event.target.closest?.("#fresh")) underway = waiting.length = 0;
  if (event.target.closest?.("#box button")) {
    event.preventDefault();
    event.stopPropagation();
    sendTyped();
    return;
  }
  const link = event.target.closest?.("a[href^='#']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const kind = Object.keys(KINDS).find((prefix) => link.getAttribute("href").startsWith(prefix));
  if (!kind) return;
  event.preventDefault();
  event.stopPropagation();
  unhover();
  KINDS[kind](link);
}

function openSpan(link) {
  const span = link.span ?? parseSpan(link.getAttribute("href"));
  if (span) openReader({ ...span, mark: span.mark ?? markOf(link, span) }, link);
}

function followAddress() {
  const span = parseSpan(location.hash);
  if (span) openReader(span);
}

function askLink(link) {
  ask(decodeURIComponent(link.getAttribute("href").slice(5)));
  if (!narrow.matches) box().focus({ preventScroll: true }); // on phones the keyboard would cover the answer
}

function showSources(link) {
  showEvidence(link.getAttribute("href"));
  if (isOpen()) closeReader();
  document.querySelector('#tabs [role="tab"]')?.click();
  if (narrow.matches) openSheet();
}

async function copyAnswer(link) {
  const message = link.closest(".message, .bot");
  const evidence = parseEvidence(message?.querySelector('a[href^="#answer/"]')?.getAttribute("href"));
  const words = [...message.querySelectorAll(".message-content p")]
    .filter((p) => !p.querySelector('a[href="#copy"]'))
    .map((p) => plain(p));
  const sources = await fetchSpans(evidence?.c ?? []).catch(() => []);
  const notes = sources.map((shown, i) => `[${i + 1}] ${shown.title ?? shown.document}, ${shown.problem ? label(shown.problem) : place(shown)}`);
  await copy([...words, ...notes].join("\n"));
}

function plain(paragraph) {
  const clone = paragraph.cloneNode(true);
  for (const link of clone.querySelectorAll('a[href^="#src/"]')) link.textContent = `[${link.textContent}]`;
  return clone.textContent.replace(/\u00a0/g, " ").trim();
}

// ---- asking ------------------------------------------------------------------------------------

// What is sent goes through the hidden #outbox, one question at a time: Gradio reads a textbox
// some time after Enter, and must find neither an emptied box nor what is typed by then.
const waiting = [];
const PATIENCE = 1000; // ms after which what was sent has been read, even if nothing shows it
let underway = 0; // messages of the user there will be once what was sent last is shown
let sentAt = 0;

function ask(question) {
  if (question.trim()) waiting.push(question);
  sendNext();
}

function sendNext() {
  if (!waiting.length) return;
  if (!ready()) {
    setTimeout(sendNext, 50);
    return;
  }
  if (asked() < underway && performance.now() - sentAt < PATIENCE) {
    setTimeout(sendNext, PATIENCE);
    return;
  }
  const outbox = document.querySelector("#outbox textarea");
  underway = asked() + 1;
  sentAt = performance.now();
  write(outbox, waiting.shift());
  outbox.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true, cancelable: true }));
}

// Until the server has filled the page, its filling would wipe out an answer.
function ready() {
  const outbox = document.querySelector("#outbox textarea");
  return outbox && (outbox.placeholder === "ready" || performance.now() > 10 * PATIENCE);
}

function asked() {
  return document.querySelectorAll("#chat .user-row").length;
}

function write(area, text) {
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function sendTyped() {
  const area = box();
  ask(area.value);
  if (area.value.trim()) write(area, "");
  area.focus({ preventScroll: true });
}

function onInput(event) {
  if (event.target !== box()) return;
  const length = [...event.target.value].length;
  const warning = document.getElementById("length") ?? document.getElementById("box").appendChild(make("div", { id: "length", role: "status" }));
  warning.textContent = length > LIMIT ? label("too_long", { n: length.toLocaleString() }) : "";
}

function onKey(event) {
  if (event.key === "Escape") escape(event);
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target !== box()) return;
  event.preventDefault();
  event.stopPropagation();
  sendTyped();
}

function escape(event) {
  unhover();
  if (isOpen()) closeReader();
  else if (document.body.classList.contains("sheet")) closeSheet();
  else return;
  event.preventDefault();
}

function onOver(event) {
  const link = event.target.closest?.('#chat a[href^="#src/"]');
  if (link && (hovering.matches || event.type === "focusin")) hover(link);
}

// ---- the sheet on phones -------------------------------------------------------------------------

function sheetButton() {
  return makeButton(label("sources"), { id: "open-sheet", "aria-controls": "side" }, openSheet);
}

function closing() {
  return makeButton("✕", { id: "close-sheet", "aria-label": label("close") }, closeSheet);
}

function openSheet() {
  document.body.classList.add("sheet");
  document.getElementById("close-sheet").focus({ preventScroll: true });
}

function closeSheet() {
  document.body.classList.remove("sheet");
  document.getElementById("open-sheet").focus({ preventScroll: true });
}

// ---- the banner -----------------------------------------------------------------------------------

async function showBanner() {
  const status = await getJson("/chat/status").catch(() => null);
  const changes = Object.entries(status?.differences ?? {}).filter(([, count]) => count);
  document.getElementById("banner")?.remove();
  if (!changes.length && !status?.gone) return;
  const words = changes.map(([kind, count]) => label(`files_${kind}`, { n: count })).join(", ");
  const said = status.gone ? label(`gone_${status.gone}`) : label("banner", { changes: words });
  document.getElementById("side").prepend(make("p", { id: "banner", role: "status" }, said));
}

start().catch(() => announce(label("offline")));
