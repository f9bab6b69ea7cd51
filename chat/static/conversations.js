// The conversations that this browser keeps, and the menu that lists them.

import { announce, label, make, makeButton } from "./dom.js";

const PREFIX = "cited-rag:";
const OPEN = "cited-rag-open"; // in this tab
const MOST = 30; // conversations, and turns of each
const MOST_CHARACTERS = 2_000_000; // of all conversations; browsers keep some five million
const MOST_IN_ONE = 300_000;

let current = fresh();
let change = () => {}; // shows the conversation that has been opened

function fresh() {
  const random = crypto.getRandomValues(new Uint32Array(3));
  return { id: [...random].map((n) => n.toString(36)).join(""), at: 0, turns: [] };
}

// ---- storage -----------------------------------------------------------------------------------

// In memory where the browser forbids the real one.
function storage(kind) {
  try {
    window[kind].setItem(`${PREFIX}?`, "");
    window[kind].removeItem(`${PREFIX}?`);
    return window[kind];
  } catch {
    const items = new Map();
    return {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => items.set(key, value),
      removeItem: (key) => items.delete(key),
      get length() { return items.size; },
      key: (i) => [...items.keys()][i],
    };
  }
}

const shelf = storage("localStorage");
const here = storage("sessionStorage");

function ids() {
  const keys = Array.from({ length: shelf.length }, (_, i) => shelf.key(i));
  return keys.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
}

function load(id) {
  try {
    const kept = JSON.parse(shelf.getItem(PREFIX + id));
    return kept?.id === id && Array.isArray(kept.turns) ? kept : null;
  } catch {
    return null;
  }
}

// The conversations, the latest first.
function all() {
  const found = ids().map(load).filter(Boolean);
  return found.sort((a, b) => b.at - a.at);
}

function save(conversation) {
  const { turns } = conversation;
  while (turns.length > 1 && (turns.length > MOST || JSON.stringify(turns).length > MOST_IN_ONE)) turns.shift();
  const others = all().filter(({ id }) => id !== conversation.id);
  const text = JSON.stringify(conversation);
  let room = MOST_CHARACTERS - text.length;
  for (const [i, other] of others.entries()) {
    room -= shelf.getItem(PREFIX + other.id).length;
    if (i >= MOST - 1 || room < 0) shelf.removeItem(PREFIX + other.id);
  }
  for (;;) {
    try {
      shelf.setItem(PREFIX + conversation.id, text);
      return;
    } catch {
      const oldest = others.pop();
      if (!oldest) {
        announce(label("not_kept"));
        return;
      }
      shelf.removeItem(PREFIX + oldest.id);
    }
  }
}

// ---- the open conversation ---------------------------------------------------------------------

// The one that this tab had open, else the latest, else a new one.
export function restore(asNew) {
  const id = here.getItem(OPEN);
  current = (id ? load(id) : asNew ? null : all()[0]) ?? fresh();
  here.setItem(OPEN, current.id);
  return current;
}

export function opening() {
  return JSON.stringify({ id: current.id, turns: current.turns });
}

// The turns of the open conversation, oldest first: {question, text, shown, answered}.
export function turns() {
  return current.turns;
}

const seen = new Set(); // stamps of the turns that are kept already

// Turns as the server sends them: appended to what is kept, which another tab may have added to.
// Returns those of them that are new.
export function keepTurns({ id, turns }) {
  const added = turns.filter(([stamp]) => !seen.has(stamp));
  for (const [stamp, turn] of added) {
    seen.add(stamp);
    keepTurn(id, turn);
  }
  return added.map(([, turn]) => turn);
}

function keepTurn(id, turn) {
  const kept = load(id) ?? (id === current.id ? current : null);
  if (!kept) return; // deleted meanwhile
  kept.turns.push(turn);
  kept.at = Date.now();
  kept.name ??= turn.question.trim().slice(0, 120);
  save(kept);
  if (id === current.id) current = kept;
}

function open(conversation) {
  current = conversation;
  here.setItem(OPEN, current.id);
  change();
}

export function openNew() {
  close();
  open(fresh());
}

// ---- the menu ----------------------------------------------------------------------------------

export function addMenu(changed) {
  change = changed;
  const button = makeButton("", { id: "talks", "aria-expanded": "false", "aria-controls": "talk-list", "aria-label": label("conversations"), title: label("conversations") }, toggle);
  button.append(make("span", { "aria-hidden": "true" }, "☰"), make("span", { class: "words" }, label("conversations")));
  document.getElementById("talk").prepend(button);
  document.addEventListener("pointerdown", (event) => event.target.closest("#talk-list, #talks") || close());
}

const list = () => document.getElementById("talk-list");

function toggle() {
  if (list()) close(true);
  else show();
}

export function close(focus = false) {
  if (!list()) return false;
  list().remove();
  const button = document.getElementById("talks");
  button.setAttribute("aria-expanded", "false");
  if (focus) button.focus({ preventScroll: true });
  return true;
}

function show() {
  const found = all();
  const panel = make("div", { id: "talk-list", role: "region", "aria-label": label("conversations") });
  panel.append(make("ul", {}, ...found.map(entry)), make("p", { class: "place" }, label(found.length ? "kept_here" : "no_conversations")));
  document.getElementById("talks").after(panel);
  document.getElementById("talks").setAttribute("aria-expanded", "true");
  panel.querySelector("button")?.focus({ preventScroll: true });
}

function entry(conversation) {
  const { id, name, at } = conversation;
  const isOpen = id === current.id;
  const date = new Date(at).toLocaleDateString(navigator.language, { day: "numeric", month: "short", year: "numeric" });
  const choose = makeButton("", { class: "talk-name", "aria-current": isOpen ? "true" : null }, () => {
    close();
    const kept = load(id);
    if (kept && !isOpen) open(kept);
    document.querySelector("#box textarea").focus({ preventScroll: true });
  });
  choose.append(make("span", { class: "talk-title" }, name ?? ""), make("span", { class: "place" }, date));
  const drop = makeButton("✕", { class: "talk-delete", "aria-label": label("delete", { name }) }, () => {
    if (drop.dataset.sure) remove(id);
    else ask(drop);
  });
  drop.addEventListener("blur", () => {
    delete drop.dataset.sure;
    drop.textContent = "✕";
  });
  return make("li", {}, choose, drop);
}

// The first press asks, the second one deletes.
function ask(drop) {
  drop.dataset.sure = "yes";
  drop.textContent = label("delete_now");
}

function remove(id) {
  shelf.removeItem(PREFIX + id);
  if (id === current.id) open(fresh());
  close();
  show();
  announce(label("deleted"));
}
