// The pages that a quote stands on, as pictures with its words marked.

import { announce, getJson, label, make, makeButton } from "./dom.js";

// A button that changes between the text of a reader and its pages; the text is the fallback.
export function pageButton(span, shown) {
  const button = makeButton(label("show_page"), { class: "show-page" }, () => change(button, span, shown));
  return button;
}

async function change(button, span, shown) {
  const reader = button.closest("#reader");
  const text = reader.querySelector(".page.text");
  const wanted = !text.hidden;
  reader.querySelector(".page.pictures")?.remove();
  turn(button, text, wanted);
  if (!wanted) return;
  const view = make("div", { class: "page pictures", tabindex: "0", "aria-label": shown.title }, make("p", { class: "cut" }, label("drawing")));
  text.after(view);
  const { document: id, start, end, mark } = span;
  const pages = await getJson(`/chat/pictures?${new URLSearchParams({ document: id, start, end, mark: mark ?? "" })}`).catch(() => null);
  if (!view.isConnected) return;
  if (pages) {
    view.replaceChildren(...pages.map((page) => sheet(page, shown.title)));
    settle(view);
  } else {
    view.remove();
    turn(button, text, false);
    button.disabled = true;
    announce(label("no_picture"));
  }
}

// The button says what it leads to.
function turn(button, text, pages) {
  button.textContent = label(pages ? "show_text" : "show_page");
  text.hidden = pages;
}

function sheet({ page, image, width, height, boxes, missing }, title) {
  const picture = make("img", { src: image, width, height, alt: label("page_picture", { n: page, title }) });
  const marks = boxes.map((box) => {
    const mark = make("span", { class: "marked", "aria-hidden": "true" });
    ["left", "top", "width", "height"].forEach((side, i) => mark.style.setProperty(side, `${100 * box[i]}%`));
    return mark;
  });
  const note = missing ? make("figcaption", { class: "cut" }, label("not_marked", { n: missing })) : "";
  return make("figure", {}, make("div", { class: "sheet" }, picture, ...marks), note);
}

// The first mark comes to a third from the top, as in the text.
function settle(view) {
  view.focus({ preventScroll: true });
  const mark = view.querySelector(".marked");
  if (!mark) return;
  view.scrollTop += mark.getBoundingClientRect().top - view.getBoundingClientRect().top - view.clientHeight / 3;
}
