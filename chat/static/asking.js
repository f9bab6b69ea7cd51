// Questions on their way: from the box to the server one at a time, and what comes back to be kept.

import { label, make } from "./dom.js";
import { keepTurns, opening, restore } from "./conversations.js";
import { refreshKept } from "./keep.js";
import { hideProgress, showProgress } from "./progress.js";
import { closeReader, isOpen } from "./reader.js";

const LIMIT = 4000; // characters of a question

export const box = () => document.querySelector("#box textarea");

// What is sent goes through the hidden #outbox, one question at a time: Gradio reads a textbox
// some time after Enter, and must find neither an emptied box nor what is typed by then.
const waiting = [];
const PATIENCE = 1000; // ms after which what was sent has been read, even if nothing shows it
const LONGEST = 60_000; // ms after which nothing will come any more
let underway = 0; // messages of the user there will be once what was sent last is shown
let sentAt = 0;
let unanswered = []; // questions whose turn has not come into the hidden #inbox, oldest first
let received = ""; // what stood there last
let looking = 0;
let switching = true; // until the conversation that is opened is shown

const field = (id) => document.querySelector(`#${id} textarea`);

// The conversation of this tab, and what ?q= asks unless it was asked last.
export function begin() {
  whenReady(() => {
    const asked = new URLSearchParams(location.search).get("q");
    const { turns } = restore(Boolean(asked));
    switching = false;
    if (turns.length) showKept();
    if (asked?.trim() && turns.at(-1)?.question !== asked) ask(asked);
  });
}

export function ask(question) {
  if (question.trim()) waiting.push(question);
  sendNext();
}

export function sendNext() {
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
  const question = waiting.shift();
  unanswered.push(question);
  receive();
  write(field("opening"), opening());
  submit(field("outbox"), question);
}

// What was asked is taken back: the server forgets it.
function stop() {
  const last = unanswered.at(-1);
  waiting.length = unanswered.length = underway = 0;
  showBusy();
  document.querySelector("#stop").click();
  giveBack(last);
  box().focus({ preventScroll: true });
}

// The box has a question again unless it is in use.
function giveBack(question) {
  if (question && !box().value) write(box(), question);
}

function showBusy() {
  document.getElementById("chat").setAttribute("aria-busy", String(unanswered.length > 0));
  if (unanswered.length) showProgress(performance.now() - sentAt, stop);
  else hideProgress();
}

// Keep what has come in; look again while more is to come.
export function receive() {
  clearTimeout(looking);
  const text = field("inbox")?.value ?? "";
  if (text !== received) {
    received = text;
    for (const { answered } of keepTurns(JSON.parse(text))) {
      const question = unanswered.shift();
      if (!answered) giveBack(question);
    }
    switching = false;
    refreshKept();
  }
  if (performance.now() - sentAt > LONGEST) [unanswered, switching] = [[], false];
  showBusy();
  if (unanswered.length || switching) looking = setTimeout(receive, 50);
}

export function whenAnswered(act) {
  if (unanswered.length || waiting.length) setTimeout(() => whenAnswered(act), 50);
  else act();
}

function whenReady(act) {
  if (ready()) act();
  else setTimeout(() => whenReady(act), 50);
}

export function openConversation() {
  if (isOpen()) closeReader();
  showKept();
}

function showKept() {
  underway = 0;
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

export function questions() {
  return Array.from(document.querySelectorAll("#chat .user-row"), (row) => row.textContent.trim());
}

function asked() {
  return document.querySelectorAll("#chat .user-row").length;
}

function write(area, text) {
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

export function sendTyped() {
  const area = box();
  ask(area.value);
  if (area.value.trim()) write(area, "");
  area.focus({ preventScroll: true });
}

// Say so while what is typed is longer than a question may be.
export function noteLength(event) {
  if (event.target !== box()) return;
  const length = [...event.target.value].length;
  const warning = document.getElementById("length") ?? document.getElementById("box").appendChild(make("div", { id: "length", role: "status" }));
  warning.textContent = length > LIMIT ? label("too_long", { n: length.toLocaleString() }) : "";
}
