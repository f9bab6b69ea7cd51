// What the page does on its own: links of an answer, the sheet on phones, the keyboard, the banner.

import { announce, asSpan, copy, fetchSpans, getJson, label, loadLabels, make, makeButton, parseEvidence, parseSpan, place, spanAddress } from "./dom.js";
import { forgetEvidence, hover, markOf, showEvidence, unhover } from "./cards.js";
import { addMenu, close as closeMenu, keepTurns, openNew, opening, restore } from "./conversations.js";
import { refreshFolder, watchFolder } from "./folder.js";
import { addFollowUps, forgetFollowUps, showFollowUps } from "./followups.js";
import { forgetFigures, refreshFigures, showFigures } from "./figures.js";
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
  if (/^zh/i.test(navigator.language)) document.documentElement.lang = "zh";
  document.title = label("page_title");
  document.getElementById("side").prepend(closing());
  document.getElementById("talk").prepend(sheetButton());
  addMenu(openConversation);
  addFollowUps();
  new MutationObserver(refresh).observe(document.getElementById("chat"), { childList: true, subtree: true });
  refresh();
  followAddress();
  watchFolder(renewed);
  whenReady(begin);
}

// The conversation of this tab, and what ?q= asks unless it was asked last.
function begin() {
  const asked = new URLSearchParams(location.search).get("q");
  const { turns } = restore(Boolean(asked));
  switching = false;
  if (turns.length) openConversation();
  if (asked?.trim() && turns.at(-1)?.question !== asked) ask(asked);
}

// Another index is served now: what was drawn from the old one is drawn again.
function renewed() {
  forgetEvidence();
  forgetFigures();
  forgetFollowUps();
  refresh();
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
  addEventListener("pagehide", receive);
}

// ---- after each change of the conversation -----------------------------------------------------

function refresh() {
  const lines = document.querySelectorAll('#chat a[href^="#answer/"]');
  const last = lines.length ? lines[lines.length - 1].getAttribute("href") : "";
  showEvidence(last);
  showFigures(last);
  showFollowUps(last, questions());
  for (const link of document.querySelectorAll('#chat a[href^="#src/"]:not([aria-label])')) {
    link.setAttribute("aria-label", label("citation", { n: link.textContent }));
  }
  // Gradio reads a message's source aloud, which is all character references here.
  for (const message of document.querySelectorAll("#chat [data-testid][aria-label]")) message.removeAttribute("aria-label");
  markOpen();
  sendNext();
}

function refreshTab() {
  refreshFigures();
  refreshFolder();
}

// ---- links -------------------------------------------------------------------------------------

const KINDS = {
  "#src/": openSpan,
  "#see/": openSpan,
  "#ask/": askLink,
  "#answer/": showSources,
  "#copy": copyAnswer,
};

function followLink(event) {
  if (event.target.closest?.("#fresh")) whenAnswered(openNew);
  if (event.target.closest?.("#box button")) {
    event.preventDefault();
    event.stopPropagation();
    sendTyped();
    return;
  }
  if (event.target.closest?.('[role="tab"]')) setTimeout(refreshTab);
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
  showFigures(link.getAttribute("href"));
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
  const notes = sources.map((shown, i) => `[${i + 1}] ${shown.title ?? shown.document}, ${shown.problem ? label(shown.problem) : place(shown)}\n${plainLink(evidence.c[i])}`);
  await copy([...words, ...notes].join("\n"));
}

// The address that shows a citation in a new tab.
function plainLink(reference) {
  return location.origin + location.pathname + spanAddress(asSpan(reference));
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
const LONGEST = 60_000; // ms after which nothing will come any more
let underway = 0; // messages of the user there will be once what was sent last is shown
let sentAt = 0;
let unanswered = 0; // questions whose turn has not come into the hidden #inbox
let received = ""; // what stood there last
let looking = 0;
let switching = true; // until the conversation that is opened is shown

const field = (id) => document.querySelector(`#${id} textarea`);

function ask(question) {
  if (question.trim()) waiting.push(question);
  sendNext();
}

function sendNext() {
  if (!waiting.length) return;
  if (!ready() || switching) {
    setTimeout(sendNext, 50);
    return;
  }
  if (asked() < underway && performance.now() - sentAt < PATIENCE) {
    setTimeout(sendNext, PATIENCE);
    return;
  }
  underway = asked() + 1;
  sentAt = performance.now();
  unanswered++;
  receive();
  write(field("opening"), opening());
  submit(field("outbox"), waiting.shift());
}

// Keep what has come in; look again while more is to come.
function receive() {
  clearTimeout(looking);
  const text = field("inbox")?.value ?? "";
  if (text !== received) {
    received = text;
    unanswered = Math.max(0, unanswered - keepTurns(JSON.parse(text)));
    switching = false;
  }
  if (performance.now() - sentAt > LONGEST) [unanswered, switching] = [0, false];
  if (unanswered || switching) looking = setTimeout(receive, 50);
}

function whenAnswered(act) {
  if (unanswered || waiting.length) setTimeout(() => whenAnswered(act), 50);
  else act();
}

function whenReady(act) {
  if (ready()) act();
  else setTimeout(() => whenReady(act), 50);
}

function openConversation() {
  underway = 0;
  if (isOpen()) closeReader();
  switching = true;
  sentAt = performance.now();
  submit(field("opening"), opening());
  receive();
}

function submit(area, text) {
  write(area, text);
  area.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true, cancelable: true }));
}

// Until the server has filled the page, its filling would wipe out an answer.
function ready() {
  const outbox = field("outbox");
  return outbox && (outbox.placeholder === "ready" || performance.now() > LONGEST);
}

function questions() {
  return Array.from(document.querySelectorAll("#chat .user-row"), (row) => row.textContent.trim());
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
  if (closeMenu(true)) return;
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

start().catch(() => announce(label("offline")));
