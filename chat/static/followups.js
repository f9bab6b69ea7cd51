// Up to two questions under the last answer, which the index answers.

import { make, label, parseEvidence, postJson } from "./dom.js";

let suggested = null; // address of the evidence of the answer they belong to

export function addFollowUps() {
  document.getElementById("box").before(make("nav", { id: "next", "aria-label": label("next") }));
}

export function forgetFollowUps() {
  suggested = null;
}

// `asked`: all questions of the conversation, which are not offered again.
export async function showFollowUps(address, asked) {
  const place = document.getElementById("next");
  if (!place || address === suggested) return;
  suggested = address;
  place.classList.toggle("open", Boolean(address));
  place.replaceChildren();
  const spans = parseEvidence(address)?.c ?? [];
  if (!spans.length) return;
  const questions = await postJson("/chat/followups", { spans, asked }).catch(() => []);
  if (address === suggested) place.replaceChildren(...questions.map(chip));
}

function chip(question) {
  return make("a", { href: `#ask/${encodeURIComponent(question)}`, title: question }, question);
}
