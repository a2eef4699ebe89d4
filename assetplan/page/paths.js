// Panes, shapes and buttons: what every layer of the map is drawn with. Data is only ever measured or shown as text.
// What lies over what; they stand in the page in the order in which Tab reaches what is in them.
const PANES = {
  "ap-ground": 310,
  "ap-within": 350,
  "ap-reach": 400,
  "ap-sites": 410,
  "ap-marks": 440,
  "ap-flows": 445,
  "ap-context": 405,
  "ap-assemblies": 390,
  "ap-relations": 430,
  "ap-constraints": 420,
  "ap-labels": 620,
  "ap-measure": 640,
};

export function makePanes(map) {
  for (const [name, level] of Object.entries(PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = level;
    if (["ap-ground", "ap-flows", "ap-labels", "ap-measure"].includes(name)) pane.style.pointerEvents = "none";
  }
}

// Shapes that can be pressed are cut at the edge of the map, so that none reaches under the controls beside it; while the
// map moves they are drawn further out.
export function trimmed(map, pane) {
  const renderer = L.svg({ pane, padding: 0.02 });
  const draw = (padding) => {
    renderer.options.padding = padding;
    if (renderer._map) renderer._update();
  };
  map.on("movestart", () => draw(0.5));
  map.on("moveend", () => draw(0.02));
  return renderer;
}

export const linesOf = (shape) => shape.parts.flat();
export const pointsOf = (shape) => shape.parts.flat(2);

// Leaflet shapes of one geometry: polygons, lines or points.
export function pathsOf(shape, options, radius) {
  if (shape.type === "polygon") return [L.polygon(shape.parts, options)];
  if (shape.type === "line") return [L.polyline(linesOf(shape), { ...options, fill: false })];
  return pointsOf(shape).map((at) => L.circleMarker(at, { ...options, radius }));
}

// The browser would scroll the map's box to a shape outside it; move the map instead. A map still gliding, as it does when a
// card near its edge is opened, is stopped first: what it shows at this moment is not what it would show in the next.
function bringIntoView(path) {
  const map = path._map;
  if (!map) return;
  map.stop();
  const bounds = path.getBounds ? path.getBounds() : L.latLngBounds([path.getLatLng()]);
  if (!map.getBounds().intersects(bounds)) map.panTo(bounds.getCenter(), { animate: false });
}

// A path that can be reached and pressed like a button, by mouse, touch or keyboard.
export function asButton(path, name, press) {
  path.on("add", () => {
    const node = path.getElement && path.getElement();
    if (!node) return;
    node.setAttribute("tabindex", "0");
    node.setAttribute("role", "button");
    node.setAttribute("aria-label", name);
    if (node.dataset.apButton) return;
    node.dataset.apButton = "yes";
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      press(null);
    });
    node.addEventListener("focus", () => bringIntoView(path));
  });
  path.on("click", (event) => {
    L.DomEvent.stopPropagation(event);
    press(event.latlng);
  });
  return path;
}

const SMALLEST = 24; // pixels, the least target of WCAG 2.2 (2.5.8)

// The room in which a small mark can be pressed, wider than it is drawn. It lies under everything else that can be pressed and
// is for a finger or a mouse alone: the mark itself is the button.
export function reachOf(at, renderer, press, shift) {
  const Square = L.CircleMarker.extend({
    _updatePath() {
      const { x, y } = this._point;
      const r = this._radius;
      this._renderer._setPath(this, `M${x - r} ${y - r}H${x + r}V${y + r}H${x - r}Z`);
    },
  });
  const reach = new Square(at, {
    pane: "ap-reach",
    renderer,
    radius: SMALLEST / 2,
    stroke: false,
    className: "ap-reach",
  });
  if (shift) standOff(reach, shift);
  reach.on("click", (event) => {
    L.DomEvent.stopPropagation(event);
    press(event.latlng);
  });
  return reach;
}

// Let a mark stand some pixels off its place: `shift` says how many on the map as it is, [0, 0] for none.
export function standOff(mark, shift) {
  mark._project = function project() {
    this._point = this._map.latLngToLayerPoint(this._latlng).add(shift());
    this._updateBounds();
  };
  mark.stand = () => mark._map.layerPointToLatLng(mark._point);
  mark.getBounds = () => L.latLngBounds([mark.stand()]);
  return mark;
}
