// Co-location options: what moves where, drawn on the map, and the answers of a reviewer, saved as a file. Nothing is stored or sent.
import { element, plainColour } from "./looks.js";
import { trimmed } from "./paths.js";
import { NOBODY } from "./sites.js";
import { download, fileName } from "./tables.js";

const STEPS = 24;
const HEAD = 17; // pixels, the length of the head of an arrow
const RING = 15; // pixels round the host that stay free

// Characters without a glyph of their own: a file of answers that holds any is refused, so none is saved.
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\u115f\u1160\u2028\u2029\u3164\uffa0]|[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

// What somebody typed as one line of at most so many characters.
export const tidy = (text, most) =>
  [...text.replace(HIDDEN, " ").replace(/\s+/g, " ").trim()].slice(0, most).join("").trim();

// A curve from one point to another, {x, y}, that leans to its left by a part of its length and ends short of the other; and the
// head of an arrow at its end. Points that are too close for it give none.
export function arrowBetween(from, to, bend) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  if (length < RING + HEAD) return null;
  const control = { x: from.x + dx / 2 + dy * bend, y: from.y + dy / 2 - dx * bend };
  const at = (t) => ({
    x: (1 - t) ** 2 * from.x + 2 * t * (1 - t) * control.x + t ** 2 * to.x,
    y: (1 - t) ** 2 * from.y + 2 * t * (1 - t) * control.y + t ** 2 * to.y,
  });
  const [end, neck] = [1 - RING / length, 1 - (RING + HEAD) / length].map((t) => Math.max(t, 0));
  const line = Array.from({ length: STEPS + 1 }, (_, i) => at((neck * i) / STEPS));
  const [tip, base] = [at(end), at(neck)];
  const size = Math.hypot(tip.x - base.x, tip.y - base.y) || 1;
  const [sx, sy] = [((tip.y - base.y) / size) * (HEAD / 2), ((tip.x - base.x) / size) * (HEAD / 2)];
  return { line, head: [tip, { x: base.x + sx, y: base.y - sy }, { x: base.x - sx, y: base.y + sy }], middle: at(0.5) };
}

// How far each of so many moves leans, so that they lie side by side though they come from one place and go to another.
export const bends = (count) => Array.from({ length: count }, (_, i) => (0.1 + 0.09 * (i >> 1)) * (i % 2 ? -1 : 1));

// The moves of one option at a time: the first, or the one asked for.
export function drawFlows(map, view, labels, showLabel) {
  const { options, organisations } = view;
  const group = L.layerGroup();
  const renderer = options.length ? trimmed(map, "ap-flows") : null;
  const curves = options.map((option) => bends(option.moves.length));
  const placed = (option) => (option.at ? option.moves.filter(({ at }) => at) : []);
  const middle = (from, to, bend) => {
    const [p, q] = [map.project(from, 17), map.project(to, 17)];
    const found = arrowBetween(p, q, bend);
    return found ? map.unproject([found.middle.x, found.middle.y], 17) : L.latLng(from);
  };
  options.forEach((option, k) => {
    option.moves.forEach((move, i) => {
      if (!option.at || !move.at) return;
      const owner = organisations[move.organisation] || NOBODY;
      const { lat, lng } = middle(move.at, option.at, curves[k][i]);
      labels.push({
        text: move.name,
        at: [lat, lng],
        rank: 0.5,
        group: `flow ${k}`,
        look: "ap-label-flow",
        gap: 4,
        colour: plainColour(owner.colour),
      });
    });
  });
  let chosen = 0;
  let on = false;
  function draw() {
    group.clearLayers();
    const option = options[chosen];
    if (!on || !option?.at) return;
    const common = { pane: "ap-flows", renderer, interactive: false };
    const back = ({ x, y }) => map.unproject([x, y]);
    option.moves.forEach((move, i) => {
      if (!move.at) return;
      const colour = plainColour((organisations[move.organisation] || NOBODY).colour);
      const found = arrowBetween(map.project(move.at), map.project(option.at), curves[chosen][i]);
      if (!found) return;
      const line = found.line.map(back);
      L.polyline(line, { ...common, weight: 7, className: "ap-flow-edge" }).addTo(group);
      L.polyline(line, { ...common, weight: 4, color: colour, className: "ap-flow" }).addTo(group);
      L.polygon(found.head.map(back), {
        ...common,
        weight: 1.5,
        color: colour,
        fillColor: colour,
        fillOpacity: 1,
        className: "ap-flow-head",
      }).addTo(group);
    });
    L.circleMarker(option.at, { ...common, radius: RING - 2, weight: 4, fill: false, className: "ap-flow-host" }).addTo(
      group,
    );
  }
  const told = () => options.forEach((_, k) => showLabel(`flow ${k}`, on && k === chosen));
  map.on("zoomend", draw);
  return {
    show(wanted) {
      on = wanted;
      if (on) group.addTo(map);
      else group.remove();
      draw();
      told();
    },
    choose(k) {
      if (!options[k]?.at) return;
      chosen = k;
      map.closePopup();
      const spots = [options[k].at, ...placed(options[k]).map(({ at }) => at)];
      map.fitBounds(L.latLngBounds(spots), { padding: [50, 50], maxZoom: 17, animate: false });
      draw();
      told();
    },
  };
}

// What is saved: `marks` are {answer, comment} by option, those without an answer left out.
export function answersOf({ options, reviewing }, marks, body, post) {
  const [comment, most] = reviewing.most;
  const answers = {};
  marks.forEach((mark, k) => {
    if (!mark.answer) return;
    const { option_id: id, host, services, shown } = options[k];
    answers[id] = { host, services, shown, answer: mark.answer, comment: tidy(mark.comment, comment) };
  });
  return { ...reviewing.heading, body, post: tidy(post, most), answers };
}

const inWords = (number, one, many) => `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;

// The bar under the cards: who answers, how many options are marked, and the button that saves.
export function drawAnswers(view, title) {
  const holder = document.getElementById("ap-answers");
  if (!holder || !view.reviewing) return;
  const { bodies, most } = view.reviewing;
  const fields = [...document.querySelectorAll("fieldset.ap-answer")];
  let unsaved = false;
  const marksNow = () =>
    fields.map((field) => ({
      answer: field.querySelector("input:checked")?.value || "",
      comment: field.querySelector("textarea").value,
    }));
  const said = element("p", { class: "ap-said", role: "status" });
  const tell = (text) => (said.textContent = text);
  function count() {
    const marks = marksNow();
    const marked = marks.filter(({ answer }) => answer).length;
    const lone = marks.filter(({ answer, comment }) => !answer && tidy(comment, 1)).length;
    const without = lone ? ` ${inWords(lone, "comment", "comments")} without a mark.` : "";
    tell(`${marked} of ${inWords(fields.length, "option", "options")} marked.${without}`);
  }
  for (const field of fields) {
    const undo = element("button", { type: "button", class: "ap-link ap-undo" }, "Take back");
    undo.append(element("span", { class: "ap-hidden" }, ` ${field.querySelector("legend").textContent}`));
    undo.addEventListener("click", () => {
      for (const input of field.querySelectorAll("input")) input.checked = false;
      field.querySelector("textarea").value = "";
      count();
    });
    field.append(undo);
    const changed = () => {
      unsaved = true;
      count();
    };
    field.addEventListener("change", changed);
    field.querySelector("textarea").addEventListener("input", changed);
  }

  const labelled = (text, control) => element("label", { class: "ap-field" }, text, control);
  const post = element("input", { type: "text", maxlength: String(most[1]), autocomplete: "off" });
  const body = bodies.length > 1 ? element("select", { autocomplete: "off" }) : null;
  if (body) {
    body.append(element("option", { value: "" }, "Choose a body"));
    for (const [id, name] of bodies) body.append(element("option", { value: id }, name));
  }
  const who = body
    ? labelled("For which body", body)
    : element(
        "p",
        null,
        bodies.length ? `For ${bodies[0][1]}.` : "For no body: such answers are told, and change nothing.",
      );
  const save = element("button", { type: "button", class: "ap-button" }, "Save answers");
  save.addEventListener("click", () => {
    const marks = marksNow();
    const lone = marks.findIndex(({ answer, comment }) => !answer && tidy(comment, 1));
    if (body && !body.value) {
      tell("Choose the body that answers.");
      body.focus();
    } else if (lone >= 0) {
      tell("A comment has no mark: say willing, not willing or needs work, or take it back.");
      fields[lone].querySelector("input").focus();
    } else if (!marks.some(({ answer }) => answer)) {
      tell("Nothing is marked yet, so there is nothing to save.");
    } else {
      const saved = answersOf(view, marks, body ? body.value : bodies.length ? bodies[0][0] : "", post.value);
      const name = fileName(`answers ${title} ${saved.body}`, ".json");
      download(name, `${JSON.stringify(saved, null, 1)}\n`, "application/json");
      unsaved = false;
      tell(
        `${inWords(Object.keys(saved.answers).length, "answer", "answers")} in ${name}, for whoever keeps the estate.`,
      );
    }
  });
  holder.append(
    element("h3", null, "Save your answers"),
    element(
      "p",
      { class: "ap-note" },
      "This page stores nothing and sends nothing: answers are lost when it is closed, unless they are saved as a file.",
    ),
    element("div", { class: "ap-answers-who" }, who, labelled("Your post, not your name", post), save),
    said,
  );
  globalThis.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  count();
}
