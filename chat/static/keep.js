// What outlives the page: a conversation as one file, what people thought of an answer, a login.

import { turns } from "./conversations.js";
import { announce, getJson, label, makeButton, saveFile } from "./dom.js";

const VERDICTS = ["good", "bad"];

// ---- export ------------------------------------------------------------------------------------

export function addExport() {
  const button = makeButton(label("export"), { id: "export", hidden: "", title: label("export_hint") }, exportConversation);
  document.getElementById("talk").prepend(button);
  const fresh = document.getElementById("fresh");
  const beside = () => button.style.setProperty("--beside", `${fresh.offsetWidth}px`);
  new ResizeObserver(beside).observe(fresh);
}

// There is something to export once an answer is kept; Gradio redraws messages, so this repeats.
export function refreshKept() {
  document.getElementById("export")?.toggleAttribute("hidden", !packed().length);
  for (const link of verdictLinks(document)) {
    link.title = link.textContent;
    link.setAttribute("role", "button");
    const given = verdicts.get(turnOf(link)) === verdictOf(link);
    link.setAttribute("aria-pressed", String(given));
  }
}

async function exportConversation() {
  const reply = await post("/chat/export", packed()).catch(() => null);
  if (!reply?.ok) {
    announce(label("not_exported"));
    return;
  }
  const name = /filename="([\w.-]+)"/.exec(reply.headers.get("content-disposition"))?.[1];
  saveFile(name ?? "conversation.html", "text/html", await reply.blob());
  announce(label("exported"));
}

// The answers of the open conversation, oldest first, as chat/evidence.py packed them.
function packed() {
  return turns().map(({ shown }) => /\]\(#answer\/([\w-]+)\)/.exec(shown)?.[1]).filter(Boolean);
}

// ---- feedback ----------------------------------------------------------------------------------

const verdicts = new Map(); // turn -> verdict

function verdictLinks(element) {
  return element.querySelectorAll('#chat a[href="#good"], #chat a[href="#bad"]');
}

function verdictOf(link) {
  return VERDICTS.find((verdict) => link.getAttribute("href") === `#${verdict}`);
}

function turnOf(link) {
  return link.closest(".message, .bot")?.querySelector('a[href^="#answer/"]')?.getAttribute("href");
}

export async function judge(link) {
  const judged = turnOf(link).slice("#answer/".length);
  const given = packed();
  const before = given.slice(0, Math.max(0, given.indexOf(judged)));
  const reply = await post("/chat/feedback", { verdict: verdictOf(link), turns: [...before, judged] }).catch(() => null);
  if (reply?.ok) verdicts.set(turnOf(link), verdictOf(link));
  announce(label(reply?.ok ? "noted" : "not_noted"));
  refreshKept();
}

// ---- login -------------------------------------------------------------------------------------

// Where the server asks for a login, one can leave as well.
export async function addLogout() {
  const status = await getJson("/chat/status").catch(() => null);
  if (!status?.login) return;
  const leave = async () => {
    await fetch("/logout", { method: "POST" }).catch(() => null);
    location.assign("/login");
  };
  document.getElementById("side").append(makeButton(label("logout"), { id: "logout" }, leave));
}

function post(address, content) {
  return fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) });
}
