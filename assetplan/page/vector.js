// A pen that writes SVG where another would paint a canvas. A browser prints a canvas as a coarse picture without transparency, which
// hides the backdrop; shapes it prints as shapes. It knows what crowd.js asks of a pen, no more.
import { svg } from "./looks.js";

const rounded = (number) => Math.round(number * 100) / 100;

export function svgPen(holder) {
  let path = "";
  let dash = "";
  const spot = (x, y) => `${rounded(x)} ${rounded(y)}`;
  const paint = (name, attributes, style, ...children) => {
    const node = svg(name, attributes, ...children);
    // Colours come as custom properties of the page, which hold in a style only.
    Object.assign(node.style, style);
    holder.append(node);
  };
  return {
    globalAlpha: 1,
    fillStyle: "",
    strokeStyle: "",
    lineWidth: 1,
    lineCap: "butt",
    font: "",
    beginPath() {
      path = "";
    },
    moveTo(x, y) {
      path += `M${spot(x, y)}`;
    },
    lineTo(x, y) {
      path += `L${spot(x, y)}`;
    },
    closePath() {
      path += "Z";
    },
    arc(x, y, radius, from, to) {
      const at = (angle) => spot(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
      // An arc of SVG has two ends that differ: a whole circle is two halves.
      const halfway = (from + to) / 2;
      const turn = (end) => `A${rounded(radius)} ${rounded(radius)} 0 0 1 ${at(end)}`;
      path += `${path ? "L" : "M"}${at(from)}${turn(halfway)}${turn(to)}`;
    },
    setLineDash(lengths) {
      dash = lengths.join(" ");
    },
    fill(rule) {
      paint(
        "path",
        { d: path, "fill-rule": rule || "nonzero", "fill-opacity": this.globalAlpha },
        { fill: this.fillStyle },
      );
    },
    stroke() {
      const attributes = { d: path, fill: "none", "stroke-width": this.lineWidth, "stroke-linecap": this.lineCap };
      if (dash) attributes["stroke-dasharray"] = dash;
      paint("path", attributes, { stroke: this.strokeStyle });
    },
    fillText(text, x, y) {
      const attributes = { x: rounded(x), y: rounded(y), "text-anchor": "middle", "dominant-baseline": "central" };
      paint("text", attributes, { fill: this.fillStyle, font: this.font }, text);
    },
  };
}
