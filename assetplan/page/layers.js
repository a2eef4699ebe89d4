// What is drawn on the map, layer by layer, lowest first. Data comes as plain values and is only ever measured or shown as text.
(function () {
  "use strict";
  const ap = (globalThis.assetplan = globalThis.assetplan || {});
  const MANY = 2000;
  const CLOSE = 14;
  const PANES = {
    "ap-ground": 310,
    "ap-assemblies": 390,
    "ap-sites": 410,
    "ap-constraints": 420,
    "ap-relations": 430,
    "ap-symbols": 440,
    "ap-labels": 620,
  };

  ap.makePanes = function (map) {
    for (const [name, level] of Object.entries(PANES)) {
      const pane = map.createPane(name);
      pane.style.zIndex = level;
      if (name === "ap-ground" || name === "ap-labels") pane.style.pointerEvents = "none";
    }
  };

  // Shapes that can be pressed are cut at the edge of the map, so that none reaches under the controls beside it; while the
  // map moves they are drawn further out.
  function trimmed(map, pane) {
    const renderer = L.svg({ pane, padding: 0.02 });
    const draw = (padding) => {
      renderer.options.padding = padding;
      if (renderer._map) renderer._update();
    };
    map.on("movestart", () => draw(0.5));
    map.on("moveend", () => draw(0.02));
    return renderer;
  }

  const kindOf = (text) => text.toLowerCase().replace(/[_-]+/g, " ").trim();

  // Leaflet shapes of one geometry: polygons, lines or points.
  function pathsOf(shape, options, radius) {
    if (shape.type === "polygon") return [L.polygon(shape.parts, options)];
    if (shape.type === "line") return [L.polyline(linesOf(shape), { ...options, fill: false })];
    return pointsOf(shape).map((at) => L.circleMarker(at, { ...options, radius }));
  }

  // Every line, or every point, of a geometry, however deep its lists are nested.
  const isPosition = (value) => Array.isArray(value) && typeof value[0] === "number";
  const isLine = (value) => Array.isArray(value) && isPosition(value[0]);
  const gather = (value, is) =>
    is(value) ? [value] : Array.isArray(value) ? value.flatMap((item) => gather(item, is)) : [];
  const linesOf = (shape) => gather(shape.parts, isLine);
  const pointsOf = (shape) => gather(shape.parts, isPosition);

  // Sites are named by their id or by their anchor.
  const sitesByName = (view) =>
    new Map(
      view.sites.flatMap((site) => [
        [site.anchor, site],
        [site.id, site],
      ]),
    );

  const longest = (lines) => lines.reduce((best, line) => (line.length > best.length ? line : best), []);
  const middle = (line) => line[Math.floor(line.length / 2)];

  // ---- backdrop -------------------------------------------------------------------------------------------------------

  // Widths in pixels at zoom 16; they halve with every two steps out.
  const GROUND = {
    graticule: [{ class: "ap-graticule", width: 1, fixed: true }],
    coast: [{ class: "ap-coast", width: 2, fixed: true }],
    river: [{ class: "ap-river", width: 13 }],
    road: [
      { class: "ap-road-edge", width: 8 },
      { class: "ap-road", width: 5.5 },
    ],
    rail: [
      { class: "ap-rail", width: 3 },
      { class: "ap-rail-ties", width: 2, dash: "7 7" },
    ],
    bridge: [
      { class: "ap-bridge-edge", width: 12 },
      { class: "ap-bridge", width: 7.5 },
    ],
    limits: [{ class: "ap-limits", width: 2.2, fixed: true, dash: "12 4 2 4" }],
    other: [{ class: "ap-other", width: 1.5, fixed: true }],
  };
  const GROUND_ORDER = ["graticule", "coast", "river", "other", "road", "rail", "bridge", "limits"];
  const groundKind = (kind) => (kind === "development limits" ? "limits" : ap.has(GROUND, kind) ? kind : "other");

  function crossingSymbol() {
    return ap.svg(
      "svg",
      { width: 18, height: 18, viewBox: "0 0 18 18", class: "ap-crossing" },
      ap.svg("circle", { cx: 9, cy: 9, r: 8 }),
      ap.svg("path", { d: "M5 5L13 13M13 5L5 13" }),
    );
  }
  function bridgeSymbol() {
    return ap.svg(
      "svg",
      { width: 18, height: 12, viewBox: "0 0 18 12", class: "ap-bridge-sign" },
      ap.svg("path", { d: "M1 1C4 5 14 5 17 1M1 11C4 7 14 7 17 11" }),
    );
  }
  ap.groundSymbol = { "level crossing": crossingSymbol, bridge: bridgeSymbol };

  ap.drawGround = function (map, view, labels) {
    const groups = { ground: L.layerGroup(), limits: L.layerGroup() };
    const scaled = [];
    const names = new Map();
    const renderer = L.svg({ pane: "ap-ground", padding: 0.5 });
    const parts = view.backdrop.map((line) => ({ ...line, kind: kindOf(line.kind) }));
    for (const kind of GROUND_ORDER) {
      const lines = parts.filter(
        (part) => groundKind(part.kind) === kind && part.kind !== "level crossing" && part.shape.type !== "point",
      );
      const group = kind === "limits" ? groups.limits : groups.ground;
      for (const look of GROUND[kind]) {
        for (const line of lines) {
          const isArea = line.shape.type === "polygon";
          const filled = isArea && kind !== "limits" && kind !== "coast";
          const options = {
            pane: "ap-ground",
            renderer,
            interactive: false,
            weight: filled ? 1 : look.width,
            fill: filled,
            lineJoin: "round",
            className: `${look.class}${filled ? " ap-area" : ""}`,
            lineCap: look.dash || kind === "bridge" ? "butt" : "round",
          };
          if (look.dash) options.dashArray = look.dash;
          for (const path of pathsOf(line.shape, options, 4)) {
            if (!look.fixed && !filled) scaled.push([path, look.width]);
            path.addTo(group);
          }
        }
      }
    }
    for (const part of parts) {
      const symbol = ap.groundSymbol[part.kind];
      const isPoint = part.shape.type === "point" || part.kind === "level crossing";
      const all = isPoint ? pointsOf(part.shape) : [];
      const spots = part.shape.type === "point" ? all : all.slice(0, 1);
      for (const at of spots) {
        const html = symbol
          ? symbol()
          : ap.svg(
              "svg",
              { width: 8, height: 8, viewBox: "0 0 8 8", class: "ap-dot" },
              ap.svg("circle", { cx: 4, cy: 4, r: 3 }),
            );
        const [width, height] = [Number(html.getAttribute("width")), Number(html.getAttribute("height"))];
        const icon = L.divIcon({ html, className: "ap-symbol", iconSize: [width, height] });
        L.marker(at, { icon, pane: "ap-ground", interactive: false, keyboard: false }).addTo(groups.ground);
      }
      const line = isPoint ? [spots[0]] : longest(linesOf(part.shape));
      const key = `${part.kind} ${part.name}`;
      if (part.name && line.length && (names.get(key)?.length || 0) < line.length)
        names.set(key, { part, line, length: line.length, isPoint });
    }
    // A grid line is named where it comes into view.
    const [[south, west], [north, east]] = view.bounds.length === 2 ? view.bounds : [[0, 0], [0, 0]];
    const isShown = ([latitude, longitude]) =>
      latitude > south && latitude < north && longitude > west && longitude < east;
    for (const { part, line, isPoint } of names.values()) {
      const isLimit = groundKind(part.kind) === "limits";
      if (part.kind === "graticule") {
        labels.push({ text: part.name, at: line.find(isShown) || line[0], rank: -1, group: "ground", look: "ap-label-line", gap: 6 });
      } else if (!isLimit) {
        const rank = { river: 4, "level crossing": 4.1, bridge: 4.2, rail: 5, road: 6 }[part.kind] || 7;
        const look = part.kind === "river" ? "ap-label-water" : "ap-label-line";
        const minZoom = { road: 15, bridge: 15, "level crossing": 15 }[part.kind] || 0;
        labels.push({
          text: part.name,
          at: isPoint ? line[0] : middle(line),
          rank,
          group: "ground",
          look,
          minZoom,
          gap: isPoint ? 11 : 7,
        });
      }
    }
    for (const place of view.places) {
      const size = kindOf(place.kind);
      const big = /city|town/.test(size);
      const small = /hamlet|locality|suburb|neighbourhood|street|farm/.test(size);
      labels.push({
        text: place.name,
        at: place.at,
        rank: big ? 1 : small ? 3.5 : 3,
        group: "ground",
        look: big ? "ap-label-town" : "ap-label-place",
        gap: 4,
      });
    }
    const rescale = () => {
      const factor = Math.min(3, Math.max(0.22, 2 ** ((map.getZoom() - 16) / 2)));
      for (const [path, width] of scaled) path.setStyle({ weight: width * factor });
    };
    map.on("zoomend", rescale);
    rescale();
    return {
      ...groups,
      kinds: new Set(parts.map((part) => (part.kind === "level crossing" ? part.kind : groundKind(part.kind)))),
    };
  };

  // ---- sites ----------------------------------------------------------------------------------------------------------

  // A path that can be reached and pressed like a button, by mouse, touch or keyboard.
  ap.asButton = function (path, name, press) {
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
      node.addEventListener("focus", () => ap.bringIntoView(path));
    });
    path.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      press(event.latlng);
    });
    return path;
  };

  // The browser would scroll the map's box to a shape outside it; move the map instead.
  ap.bringIntoView = function (path) {
    const map = path._map;
    if (!map) return;
    const bounds = path.getBounds ? path.getBounds() : L.latLngBounds([path.getLatLng()]);
    if (!map.getBounds().intersects(bounds)) map.panTo(bounds.getCenter(), { animate: false });
  };

  ap.drawSites = function (map, view, labels, press) {
    const group = L.layerGroup();
    const organisations = new Map(view.organisations.map((organisation) => [organisation.id, organisation]));
    const onCanvas = view.sites.length > MANY;
    const renderer = onCanvas ? L.canvas({ pane: "ap-sites", padding: 0.3 }) : trimmed(map, "ap-sites");
    const paths = view.sites.map((site) => {
      const organisation = organisations.get(site.organisation);
      const known = organisation || {
        name: site.organisation || "unknown",
        letter: "?",
        colour: "",
        pattern: "unknown",
      };
      const colour = ap.colour(known.colour);
      const status = ap.statusKey(site.status);
      const precision = ap.precisionKey(site.precision);
      const hollow = precision === "postcode";
      const options = {
        pane: "ap-sites",
        renderer,
        fill: true,
        fillOpacity: hollow ? 0.85 : 0.82,
        lineJoin: "round",
        color: onCanvas ? "#1c252e" : colour,
        fillColor: onCanvas ? (hollow ? "#ffffff" : colour) : hollow ? "none" : ap.organisationFill(known),
        className: `ap-site ap-is-${status.replace(" ", "-")}${hollow ? " ap-hollow" : ""}`,
        ...ap.STATUS[status],
      };
      if (hollow) options.color = colour;
      const name = `${site.name}, ${known.name}, ${ap.STATUS[status].text}`;
      const all = pathsOf(site.shape, options, onCanvas ? 5 : 11);
      all.forEach((path, index) => {
        ap.asButton(path, name, (at) => press(site, at || site.label_at, path));
        if (index && !onCanvas) path.on("add", () => path.getElement().setAttribute("tabindex", "-1"));
        path.addTo(group);
      });
      const chip = precision === "polygon" ? "ap-label-chip" : "ap-label-letter";
      labels.push({
        text: ap.letterOf(known),
        at: site.label_at,
        rank: 0,
        group: "sites",
        look: chip,
        gap: 0,
        colour,
        minZoom: onCanvas ? CLOSE : 0,
      });
      labels.push({
        text: site.name,
        at: site.label_at,
        rank: 2,
        group: "labels",
        look: "ap-label-site",
        gap: precision === "polygon" ? 12 : 15,
        minZoom: onCanvas ? CLOSE : 0,
      });
      return all;
    });
    let outlined = true;
    const outline = () => {
      // Far out a site is small: a full outline would hide its colour.
      const factor = Math.min(1, Math.max(0.5, 0.5 + (map.getZoom() - 13) * 0.2));
      const isFar = onCanvas && map.getZoom() < CLOSE;
      view.sites.forEach((site, index) => {
        const look = outlined ? ap.STATUS[ap.statusKey(site.status)] : ap.PLAIN;
        const style = {
          weight: Math.max(1.2, look.weight * factor),
          dashArray: isFar ? null : look.dashArray,
          lineCap: look.lineCap,
        };
        for (const path of paths[index]) path.setStyle(style);
      });
    };
    const showStatus = (on) => {
      outlined = on;
      map.getContainer().classList.toggle("ap-no-status", !on);
      outline();
    };
    map.on("zoomend", outline);
    return { group, paths, showStatus, onCanvas };
  };

  // ---- what lies on and between the sites -----------------------------------------------------------------------------

  ap.drawContext = function (map, view, labels, press) {
    const group = L.layerGroup();
    const renderer = trimmed(map, "ap-symbols");
    const Diamond = L.CircleMarker.extend({
      _updatePath() {
        const { x, y } = this._point;
        const size = this._radius;
        this._renderer._setPath(this, `M${x} ${y - size}L${x + size} ${y}L${x} ${y + size}L${x - size} ${y}Z`);
      },
    });
    for (const place of view.context) {
      const marker = new Diamond(place.at, {
        pane: "ap-symbols",
        renderer,
        radius: 8,
        weight: 2,
        className: "ap-diamond",
      });
      ap.asButton(marker, `${place.name}, not known to be public estate`, () => press(place, place.at, marker));
      marker.addTo(group);
      labels.push({
        text: place.name,
        at: place.at,
        rank: 5.5,
        group: "context",
        look: "ap-label-context",
        gap: 11,
        minZoom: 15,
      });
    }
    return group;
  };

  ap.drawConstraints = function (map, view, press) {
    const group = L.layerGroup();
    const renderer = trimmed(map, "ap-constraints");
    for (const constraint of view.constraints) {
      const state = ap.stateKey(constraint.state);
      const options = {
        pane: "ap-constraints",
        renderer,
        color: ap.STATE[state].colour,
        weight: state === "no" ? 1.2 : 2,
        fill: state !== "no",
        fillColor: ap.constraintFill(constraint),
        fillOpacity: 0.9,
        className: `ap-constraint ap-is-${state}`,
        dashArray: { yes: null, arguable: "8 4", unknown: "1 4", no: "2 6" }[state],
      };
      for (const path of pathsOf(constraint.shape, options, 12)) {
        const centre = () => (path.getBounds ? path.getBounds().getCenter() : path.getLatLng());
        ap.asButton(path, `${constraint.name}, ${constraint.kind}, ${ap.STATE[state].text}`, (at) =>
          press(constraint, at || centre(), path),
        );
        path.addTo(group);
      }
    }
    return group;
  };

  ap.drawRelations = function (map, view, labels, press) {
    const group = L.layerGroup();
    const renderer = trimmed(map, "ap-relations");
    const sites = sitesByName(view);
    for (const relation of view.relations) {
      const [one, other] = [sites.get(relation.a), sites.get(relation.b)];
      const link = relation.line;
      // The link alone can be a single point: it is drawn out to both names so that every pair can be seen.
      const line = [one && one.label_at, ...link, other && other.label_at].filter(Boolean);
      if (line.length < 2) continue;
      const from = link[0] || line[0];
      const to = link[link.length - 1] || line[line.length - 1];
      const centre = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
      const look = ap.RELATION[ap.relationKey(relation.kind)];
      const common = { pane: "ap-relations", renderer };
      L.polyline(line, { ...common, weight: look.weight + 3, interactive: false, className: "ap-relation-edge" }).addTo(
        group,
      );
      L.polyline(line, {
        ...common,
        weight: look.weight,
        dashArray: look.dashArray,
        interactive: false,
        className: `ap-relation ap-is-${ap.relationKey(relation.kind)}`,
      }).addTo(group);
      const knot = L.circleMarker(centre, { ...common, radius: 6, weight: 2, className: "ap-knot" });
      const names = `${one ? one.name : relation.a} and ${other ? other.name : relation.b}`;
      ap.asButton(knot, `${names}: ${relation.text}`, (at) => press(relation, at || centre, knot, names)).addTo(group);
      if (relation.label)
        labels.push({
          text: relation.label,
          at: centre,
          rank: 1.5,
          group: "relations",
          look: "ap-label-relation",
          gap: 8,
        });
    }
    return group;
  };

  ap.drawAssemblies = function (map, view, labels, press) {
    const group = L.layerGroup();
    const renderer = trimmed(map, "ap-assemblies");
    const sites = sitesByName(view);
    for (const assembly of view.assemblies) {
      const members = assembly.sites.map((id) => sites.get(id)).filter(Boolean);
      const areas = members.filter((site) => site.shape.type === "polygon").flatMap((site) => site.shape.parts);
      const points = members.filter((site) => site.shape.type !== "polygon");
      if (!members.length) continue;
      const options = {
        pane: "ap-assemblies",
        renderer,
        weight: 20,
        lineJoin: "round",
        fill: true,
        className: "ap-assembly",
      };
      const shape = areas.length
        ? L.polygon(areas, options)
        : L.polyline(
            points.map((site) => site.label_at),
            { ...options, fill: false },
          );
      const at = () => shape.getBounds().getCenter();
      ap.asButton(shape, `Assembly: ${assembly.name}, ${members.length} sites`, (where) =>
        press(assembly, where || at(), shape),
      ).addTo(group);
      const bounds = shape.getBounds();
      const top = [bounds.getNorth(), bounds.getCenter().lng];
      labels.push({
        text: assembly.name,
        at: top,
        rank: 1.2,
        group: "assemblies",
        look: "ap-label-assembly",
        gap: 12,
        above: true,
      });
    }
    return group;
  };
})();
