// Measuring a distance on the map, by mouse, touch or keyboard.
import { element, svg } from "./looks.js";

// A distance as people say it. The earth is taken as a ball, which is right to about one part in three hundred.
export function inMetres(metres) {
  if (metres < 100) return `about ${Math.round(metres)} m`;
  if (metres < 1000) return `about ${Math.round(metres / 10) * 10} m`;
  return `about ${(metres / 1000).toFixed(metres < 10000 ? 2 : 1)} km`;
}

export function lengthOf(map, spots) {
  return spots.slice(1).reduce((sum, spot, i) => sum + map.distance(spots[i], spot), 0);
}

const HELP =
  "Press places on the map, or Enter for the cross in the middle; Backspace takes the last back, Escape ends.";

export function drawMeasure(map) {
  const box = map.getContainer();
  const said = element("div", { class: "ap-measured", role: "status" });
  const line = L.polyline([], { pane: "ap-measure", className: "ap-measure-line", interactive: false, weight: 3 });
  const cross = svg(
    "svg",
    { class: "ap-cross", width: 24, height: 24, viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("path", { d: "M12 1V23M1 12H23" }),
  );
  let spots = [];
  let on = false;
  const button = element("button", { type: "button", class: "ap-tool", "aria-pressed": "false" }, "Measure");

  const tell = () => {
    line.setLatLngs(spots);
    said.textContent = spots.length > 1 ? `${inMetres(lengthOf(map, spots))}. ${HELP}` : HELP;
  };
  function end() {
    on = false;
    spots = [];
    line.remove();
    said.remove();
    cross.remove();
    button.setAttribute("aria-pressed", "false");
    box.classList.remove("ap-measuring");
  }
  function begin() {
    on = true;
    map.closePopup();
    line.addTo(map);
    box.append(cross, said);
    button.setAttribute("aria-pressed", "true");
    box.classList.add("ap-measuring");
    tell();
    box.focus({ preventScroll: true });
  }
  const add = (latlng) => {
    spots.push(latlng);
    tell();
  };
  button.addEventListener("click", () => (on ? end() : begin()));
  box.addEventListener("keydown", (event) => {
    if (!on) return;
    if (event.key === "Escape") {
      end();
      button.focus();
    } else if (event.target === box && event.key === "Enter") add(map.getCenter());
    else if (event.target === box && event.key === "Backspace") {
      spots.pop();
      tell();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // A press on a site measures as well as one beside it: the map is asked before what lies on it.
  box.addEventListener(
    "click",
    (event) => {
      if (!on || event.target.closest(".leaflet-control, .ap-cover")) return;
      event.stopPropagation();
      add(map.mouseEventToLatLng(event));
    },
    true,
  );
  const control = L.control({ position: "topleft" });
  control.onAdd = () => {
    const bar = element("div", { class: "leaflet-bar ap-bar" }, button);
    L.DomEvent.disableClickPropagation(bar);
    return bar;
  };
  control.addTo(map);
}
