// The folder of documents: does it differ from the index, rebuilding, files dropped on the page.

import { announce, getJson, label, make, makeButton } from "./dom.js";

const OFTEN = 400; // ms between two looks at a build that is under way
const SELDOM = 30_000;

let status = {}; // of the server: generation, differences, rebuild, upload
let generation = null; // of the index that the page was drawn from
let building = false;
let renewed = () => {};

// Look at the folder now and then; `changed` is called when another index is served.
export async function watchFolder(changed) {
  renewed = changed;
  await look();
  follow(await getJson("/chat/rebuild").catch(() => ({})), false);
  setInterval(() => document.hidden || building || look(), SELDOM);
}

async function look(built = false) {
  status = (await getJson("/chat/status").catch(() => null)) ?? status;
  if (built || (generation && status.generation !== generation)) takeOver();
  generation = status.generation;
  if (!building) drawBanner();
  refreshFolder();
}

// Gradio's own parts are renewed by a hidden button, the others by the page's script.
function takeOver() {
  document.querySelector("#renew")?.click();
  renewed();
}

// ---- rebuilding --------------------------------------------------------------------------------

async function rebuild() {
  follow(await getJson("/chat/rebuild", { method: "POST" }).catch(() => ({ outcome: "failed" })), true);
}

async function follow(state, told) {
  building = Boolean(state.running);
  for (const button of document.querySelectorAll(".rebuild")) button.disabled = building;
  if (building) {
    drawProgress(state);
    setTimeout(async () => follow(await getJson("/chat/rebuild").catch(() => state), true), OFTEN);
    return;
  }
  if (!told) return;
  await look(state.outcome === "done");
  if (state.outcome) say(label(`rebuild_${state.outcome}`));
}

function rebuildButton() {
  return makeButton(label("rebuild"), { class: "rebuild plain", title: label("rebuild_hint") }, rebuild);
}

// ---- the banner --------------------------------------------------------------------------------

function banner(...children) {
  document.getElementById("banner")?.remove();
  document.getElementById("side").prepend(make("div", { id: "banner" }, ...children));
}

// Without its documents there is nothing to build an index from.
function canRebuild() {
  return status.rebuild && status.gone !== "documents";
}

function drawBanner() {
  const changes = Object.entries(status.differences ?? {}).filter(([, count]) => count);
  document.getElementById("banner")?.remove();
  if (!changes.length && !status.gone) return;
  const words = changes.map(([kind, count]) => label(`files_${kind}`, { n: count })).join(label("comma"));
  const said = status.gone ? label(`gone_${status.gone}`) : label("banner", { changes: words });
  banner(make("span", { role: "status" }, said), canRebuild() ? rebuildButton() : "");
}

function drawProgress({ stage, done, total, seconds }) {
  const words = `${label(`rebuild_${stage}`, { done, total })} · ${label("seconds", { n: seconds })}`;
  const known = document.querySelector("#banner progress");
  const bar = known ?? make("progress", { "aria-label": label("rebuild") });
  if (total) Object.assign(bar, { max: total, value: done });
  else bar.removeAttribute("value");
  if (known) document.querySelector("#banner span").textContent = words;
  else banner(make("span", {}, words), bar);
}

// A sentence that stays until the next one, also read aloud.
function say(text) {
  announce(text);
  const place = document.getElementById("folder-said");
  if (place) place.textContent = text;
}

// ---- the top of the Documents tab --------------------------------------------------------------

export function refreshFolder() {
  const column = document.getElementById("documents");
  if (!column?.offsetParent || document.getElementById("folder") || !(status.rebuild || status.upload)) return;
  const top = make("div", { id: "folder" }, status.rebuild ? rebuildButton() : "", status.upload ? dropZone() : "", make("p", { id: "folder-said", class: "place" }));
  column.prepend(top);
  for (const button of top.querySelectorAll(".rebuild")) button.disabled = building;
}

function dropZone() {
  const { limit, suffixes } = status.upload;
  const picker = make("input", { type: "file", multiple: "", accept: suffixes.join(","), class: "unseen", tabindex: "-1", "aria-hidden": "true" });
  picker.addEventListener("change", () => {
    addFiles([...picker.files]);
    picker.value = "";
  });
  const hint = label("upload_hint", { suffixes: suffixes.join(", "), size: limit / 1e6 });
  const zone = make("div", { id: "drop" }, hint, " ", makeButton(label("upload"), { class: "plain" }, () => picker.click()), picker);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    addFiles([...event.dataTransfer.files]);
  });
  return zone;
}

async function addFiles(files) {
  for (const file of files) await addFile(file, false);
  await look();
}

async function addFile(file, replace) {
  const size = status.upload.limit / 1e6;
  say(label("upload_running", { name: file.name }));
  const result = file.size > status.upload.limit ? "large" : await send(file, replace);
  say(label(`upload_${result}`, { name: file.name, size }));
  if (result === "exists" && (await confirmed())) await addFile(file, true);
}

async function send(file, replace) {
  const address = `/chat/upload?${new URLSearchParams({ name: file.name, replace })}`;
  try {
    const reply = await fetch(address, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
    return reply.status === 413 ? "large" : (await reply.json()).result;
  } catch {
    return "disk";
  }
}

// Two buttons behind the question whether to replace a file.
function confirmed() {
  return new Promise((decided) => {
    const place = document.getElementById("folder-said");
    const choice = (key, value) =>
      makeButton(label(key), { class: "plain" }, () => {
        place.replaceChildren();
        decided(value);
      });
    place.append(" ", choice("upload_replace", true), " ", choice("upload_keep", false));
    place.querySelector("button").focus();
  });
}
