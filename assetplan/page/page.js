// Brings the map, its key and the table together. Started by the one line of script that folium writes for the estate layer.
(function () {
  "use strict";
  const ap = (globalThis.assetplan = globalThis.assetplan || {});
  const CLOSE_ZOOM = 17;
  const calm = globalThis.matchMedia && matchMedia("(prefers-reduced-motion: reduce)").matches;

  // This script stands before the map's own, so these hold for the map that follows.
  L.Map.mergeOptions({
    maxZoom: 20,
    zoomSnap: 0.25,
    ...(calm ? { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false } : {}),
  });

  function dress(map, title) {
    const box = map.getContainer();
    box.classList.add("ap-map");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `${title}: arrow keys move it, plus and minus zoom, Tab reaches each site`);
    if (!Number.isFinite(map.getMaxZoom())) map.setMaxZoom(20);
    if (map.attributionControl) map.attributionControl.setPrefix(false);
    if (!box.querySelector(".leaflet-control-scale")) L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
    const north = L.control({ position: "topright" });
    north.onAdd = () =>
      ap.element(
        "div",
        { class: "ap-north", role: "img", "aria-label": "North is up" },
        ap.svg(
          "svg",
          { width: 14, height: 18, viewBox: "0 0 14 18", "aria-hidden": "true" },
          ap.svg("path", { d: "M7 1L12.5 16L7 12.5L1.5 16Z" }),
        ),
        "N",
      );
    north.addTo(map);
    // A wheel over the map scrolls the page until the map is used.
    map.scrollWheelZoom.disable();
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
  }

  function fit(map, bounds) {
    if (bounds.length === 2) map.fitBounds(bounds, { padding: [18, 18], maxZoom: CLOSE_ZOOM, animate: false });
  }

  // On paper: every table open, the map at the width of a page.
  function forPrint(map, bounds) {
    const box = map.getContainer();
    let before = null;
    globalThis.addEventListener("beforeprint", () => {
      if (before) return;
      const folded = [...document.querySelectorAll("details:not([open])")];
      before = {
        folded,
        width: box.style.width,
        height: box.style.height,
        centre: map.getCenter(),
        zoom: map.getZoom(),
      };
      for (const details of folded) details.open = true;
      box.style.width = "700px";
      box.style.height = "450px";
      map.invalidateSize({ animate: false, pan: false });
      fit(map, bounds);
    });
    globalThis.addEventListener("afterprint", () => {
      if (!before) return;
      for (const details of before.folded) details.open = false;
      box.style.width = before.width;
      box.style.height = before.height;
      map.invalidateSize({ animate: false, pan: false });
      map.setView(before.centre, before.zoom, { animate: false });
      before = null;
    });
  }

  ap.start = function (map, source) {
    const view = typeof source === "string" ? JSON.parse(document.getElementById(source).textContent) : source;
    const inPage = typeof source === "string";
    document.documentElement.classList.add("ap-js");
    const heading = document.querySelector(".ap-page h1");
    dress(map, heading ? `Map of ${heading.textContent}` : "Map of public estate");
    ap.makePanes(map);
    if (view.bounds.length === 2) fit(map, view.bounds);

    const organisations = new Map(view.organisations.map((organisation) => [organisation.id, organisation]));
    const rowOf = (index) => document.querySelector(`tr[data-site="${index}"][id]`);
    const cards = ap.cards(map);
    const labels = [];
    let marked = null;

    function mark(index) {
      if (marked) for (const node of marked) node.classList.remove("ap-current");
      const nodes = [rowOf(index), ...sites.paths[index].map((path) => path.getElement && path.getElement())];
      marked = nodes.filter(Boolean);
      for (const node of marked) node.classList.add("ap-current");
    }

    function pressSite(site, at, path) {
      const index = view.sites.indexOf(site);
      const row = rowOf(index);
      const content = ap.siteCard(site, organisations.get(site.organisation), row);
      cards.open(content, at, path, site.name);
      mark(index);
      const link = content.querySelector(".ap-to-row");
      if (!link) return;
      link.addEventListener("click", () => setTimeout(() => row.focus({ preventScroll: true })));
    }

    const ground = ap.drawGround(map, view, labels);
    const sites = ap.drawSites(map, view, labels, pressSite);
    const groups = {
      ground: ground.ground,
      limits: ground.limits,
      sites: sites.group,
      context: ap.drawContext(map, view, labels, (place, at, marker) =>
        cards.open(ap.contextCard(place), at, marker, place.name),
      ),
      constraints: ap.drawConstraints(map, view, (constraint, at, path) =>
        cards.open(ap.constraintCard(constraint), at, path, constraint.name),
      ),
      relations: ap.drawRelations(map, view, labels, (relation, at, path, names) =>
        cards.open(ap.relationCard(relation, names), at, path, names),
      ),
      assemblies: ap.drawAssemblies(map, view, labels, (assembly, at, path) =>
        cards.open(ap.assemblyCard(assembly), at, path, assembly.name),
      ),
    };
    const names = ap.labelLayer(labels);
    names.addTo(map);

    const shows = (key) => (on) => {
      if (on) groups[key].addTo(map);
      else groups[key].remove();
      names.show(key, on);
    };
    const layers = [
      { name: "Sites by organisation", on: true, show: shows("sites"), any: view.sites.length },
      { name: "Status outline", on: true, show: sites.showStatus, any: view.sites.length },
      { name: "Names of sites", on: true, show: (on) => names.show("labels", on), any: view.sites.length },
      {
        name: "Roads, railway, river, place names",
        on: true,
        show: shows("ground"),
        any: view.backdrop.length + view.places.length,
      },
      { name: "Development limits", on: true, show: shows("limits"), any: ground.kinds.has("limits") },
      { name: "Constraints", on: false, show: shows("constraints"), any: view.constraints.length },
      {
        name: "Neighbours: touching, near, across the road",
        on: false,
        show: shows("relations"),
        any: view.relations.length,
      },
      { name: "Assemblies", on: false, show: shows("assemblies"), any: view.assemblies.length },
      { name: "Places not known to be public estate", on: true, show: shows("context"), any: view.context.length },
    ].filter((layer) => layer.any);
    // Paths are reached by Tab in the order in which they stand in the page: sites first.
    for (const layer of layers) layer.show(layer.on);

    const holder = document.getElementById("ap-key");
    if (inPage && holder) ap.drawKey(holder, view, ground.kinds, layers);
    else floatingKey(map, view, ground.kinds, layers);

    for (const button of document.querySelectorAll("button.ap-show")) {
      button.addEventListener("click", () => {
        const index = Number(button.dataset.site);
        const site = view.sites[index];
        const path = sites.paths[index][0];
        if (!site || !path) return;
        if (layers[0].turnOn) layers[0].turnOn();
        map.getContainer().scrollIntoView({ block: "nearest" });
        map.setView(site.label_at, Math.max(map.getZoom(), CLOSE_ZOOM - 1), { animate: false });
        pressSite(site, site.label_at, path);
      });
    }
    if (inPage) forPrint(map, view.bounds);
    return map;
  };

  // In a notebook there is no page around the map: the key folds away in a corner of it.
  function floatingKey(map, view, kinds, layers) {
    const control = L.control({ position: "bottomright" });
    control.onAdd = () => {
      const holder = ap.element(
        "details",
        { class: "ap-key ap-key-floating" },
        ap.element("summary", null, "Layers and key"),
      );
      ap.drawKey(holder, view, kinds, layers);
      L.DomEvent.disableClickPropagation(holder);
      L.DomEvent.disableScrollPropagation(holder);
      return holder;
    };
    control.addTo(map);
  }
})();
