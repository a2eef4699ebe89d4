// Popups: what is known of a thing, where it comes from, and what is missing. Built from text only.
(function () {
  "use strict";
  const ap = (globalThis.assetplan = globalThis.assetplan || {});
  const element = ap.element;

  function factLine(fact) {
    const unknown = fact.unknown || !fact.value;
    const value = element("dd", { class: unknown ? "ap-unknown" : "ap-known" }, fact.value || "unknown");
    if (fact.illustrative)
      value.append(" ", element("span", { class: "ap-i", role: "img", "aria-label": "illustrative" }, "i"));
    if (fact.source) value.append(" ", element("small", { class: "ap-source" }, fact.source));
    return [element("dt", null, fact.label), value];
  }

  function facts(list) {
    const lines = element("dl", { class: "ap-facts" });
    for (const fact of list) lines.append(...factLine(fact));
    return list.length ? lines : "";
  }

  function card(title, ...parts) {
    return element("div", { class: "ap-card" }, element("h3", { class: "ap-card-title" }, title), ...parts);
  }

  const paragraph = (text, look) => (text ? element("p", look ? { class: look } : null, text) : "");

  ap.siteCard = function (site, organisation, row) {
    const swatch = ap.swatch(
      ap.svg("rect", {
        x: 1,
        y: 2,
        width: 32,
        height: 18,
        rx: 3,
        fill: organisation ? ap.organisationFill(organisation) : ap.organisationFill({ pattern: "unknown" }),
      }),
    );
    const owner = element(
      "p",
      { class: "ap-owner" },
      swatch,
      organisation ? `${organisation.letter} · ${organisation.name}` : site.organisation || "organisation unknown",
    );
    const place = paragraph(
      site.precision === "polygon" ? "" : `On the map: ${ap.PRECISION[ap.precisionKey(site.precision)]}.`,
      "ap-fine",
    );
    const marked = site.facts.some((fact) => fact.illustrative);
    const notes = site.notes.length
      ? element("ul", { class: "ap-notes" }, ...site.notes.map((note) => element("li", null, note)))
      : "";
    const foot = element(
      "div",
      { class: "ap-card-foot" },
      marked
        ? element(
            "p",
            { class: "ap-fine" },
            element("span", { class: "ap-i", "aria-hidden": "true" }, "i"),
            " illustrative: invented for this reconstruction",
          )
        : "",
      paragraph(site.missing, "ap-fine ap-missing"),
      row ? element("a", { href: `#${row.id}`, class: "ap-to-row" }, "Row in the table") : "",
    );
    return card(site.name, owner, facts(site.facts), notes, place, foot);
  };

  ap.contextCard = (place) =>
    card(
      place.name,
      paragraph(place.text),
      paragraph("Not known to be public estate; shown for orientation only.", "ap-fine"),
    );

  ap.relationCard = (relation, names) =>
    card(
      names,
      paragraph(
        `${ap.relationKey(relation.kind) === "opposite" ? "Across the road" : ap.relationKey(relation.kind)}`,
        "ap-owner ap-first-capital",
      ),
      paragraph(relation.text),
    );

  ap.constraintCard = (constraint) =>
    card(
      constraint.name,
      element(
        "p",
        { class: `ap-owner ap-state-${ap.stateKey(constraint.state)}` },
        `${constraint.kind}: ${ap.STATE[ap.stateKey(constraint.state)].text}`,
      ),
      paragraph(constraint.text),
      facts(constraint.facts),
    );

  ap.assemblyCard = (assembly) =>
    card(
      assembly.name,
      paragraph(assembly.text),
      assembly.blockers.length ? element("p", { class: "ap-owner" }, "What could stop it") : "",
      assembly.blockers.length
        ? element("ul", { class: "ap-notes" }, ...assembly.blockers.map((text) => element("li", null, text)))
        : "",
    );

  // One popup at a time; it takes the focus, Escape closes it, and the focus goes back to what it is about.
  ap.cards = function (map) {
    let origin = null;

    function giveBack(popup) {
      const inside = popup.getElement();
      const focused = document.activeElement;
      if (!origin || (focused !== document.body && !(inside && inside.contains(focused)))) return;
      const node = origin.getElement && origin.getElement();
      (node || map.getContainer()).focus({ preventScroll: true });
    }

    map.on("popupclose", (event) => {
      map.getContainer().classList.remove("ap-popup-open");
      if (event.popup.apCard) giveBack(event.popup);
    });

    return {
      open(content, at, path, title) {
        const size = map.getSize();
        const popup = L.popup({
          maxWidth: Math.max(180, Math.min(350, size.x - 66)),
          minWidth: Math.max(180, Math.min(260, size.x - 66)),
          maxHeight: Math.max(160, size.y - 90),
          autoPanPaddingTopLeft: [size.x > 560 ? 52 : 12, 12],
          autoPanPaddingBottomRight: [size.x > 560 ? 52 : 12, 12],
          className: "ap-popup",
        })
          .setLatLng(at)
          .setContent(content);
        popup.apCard = true;
        map.closePopup();
        origin = path;
        popup.openOn(map);
        map.getContainer().classList.add("ap-popup-open");
        const node = popup.getElement();
        node.setAttribute("role", "dialog");
        node.setAttribute("aria-label", title);
        node.setAttribute("tabindex", "-1");
        const close = node.querySelector(".leaflet-popup-close-button");
        if (close) close.setAttribute("aria-label", `Close: ${title}`);
        node.addEventListener("keydown", (event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          map.closePopup(popup);
        });
        node.focus({ preventScroll: true });
        return popup;
      },
    };
  };
})();
