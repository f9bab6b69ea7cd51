// What shows that an answer is being made, once it takes more than a second, and lets one stop it.

import { label, make, makeButton } from "./dom.js";

const PATIENCE = 1000; // ms

const row = () => document.getElementById("working");

export function showProgress(waited, stop) {
  if (waited < PATIENCE) return;
  if (!row()) draw(stop);
  row().querySelector(".place").textContent = label("seconds", { n: Math.floor(waited / 1000) });
}

export function hideProgress() {
  row()?.remove();
}

// The seconds are for the eye: read aloud they would drown everything else.
function draw(stop) {
  const said = make("span", { role: "status" }, label("working"));
  const seconds = make("span", { class: "place", "aria-hidden": "true" });
  const dots = make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
  const button = makeButton(label("stop"), { class: "plain" }, stop);
  document.getElementById("next").before(make("div", { id: "working" }, dots, said, seconds, button));
}
