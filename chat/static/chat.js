// What the page does on its own: links of an answer, the sheet on phones, the keyboard, the banner.

import { announce, asSpan, copy, fetchSpans, label, loadLabels, makeButton, parseEvidence, parseSpan, place, spanAddress } from "./dom.js";
import { ask, begin, box, noteLength, openConversation, questions, receive, sendNext, sendTyped, whenAnswered } from "./asking.js";
import { forgetEvidence, hover, markOf, showEvidence, unhover } from "./cards.js";
import { addMenu, close as closeMenu, openNew } from "./conversations.js";
import { refreshFolder, watchFolder } from "./folder.js";
import { addFollowUps, forgetFollowUps, showFollowUps } from "./followups.js";
import { forgetFigures, refreshFigures, showFigures } from "./figures.js";
import { addExport, addLogout, judge, refreshKept } from "./keep.js";
import { closeReader, isOpen, markOpen, openReader } from "./reader.js";

const narrow = matchMedia("(max-width: 820px)");
const hovering = matchMedia("(hover: hover)");

// ---- starting --------------------------------------------------------------------------------

// Gradio fetches the code of each component by itself, so they come up in any order.
const PARTS = ["#heading h1", "#fresh", "#chat", "#box textarea", "#outbox textarea", "#opening textarea", "#inbox textarea", "#stop", "#sources"];

async function start() {
  listen();
  await loadLabels();
  for (const part of PARTS) await present(part);
  if (/^zh/i.test(navigator.language)) document.documentElement.lang = "zh";
  document.title = label("page_title");
  document.querySelector("#heading h1").textContent = document.title;
  document.getElementById("side").prepend(closing());
  document.getElementById("talk").prepend(sheetButton());
  addMenu(openConversation);
  addExport();
  addLogout();
  addFollowUps();
  new MutationObserver(refresh).observe(document.getElementById("chat"), { childList: true, subtree: true });
  refresh();
  followAddress();
  watchFolder(renewed);
  begin();
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
  document.addEventListener("input", noteLength);
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
  refreshKept();
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
  "#good": judge,
  "#bad": judge,
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
  for (const line of clone.querySelectorAll("br")) line.replaceWith("\n");
  for (const link of clone.querySelectorAll('a[href^="#src/"]')) link.textContent = `[${link.textContent}]`;
  return clone.textContent.replace(/\u00a0/g, " ").trim();
}

// ---- the keyboard and the mouse ----------------------------------------------------------------

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
