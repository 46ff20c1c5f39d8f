// Lets an area be drawn on the map: a corner with each click, or a circle by its centre and its edge. What is
// drawn is written into the field of the area, which can be filled in by hand just as well.
"use strict";

const DEGREE = 111195.08;
const figure = document.querySelector(".map-of-area");

if (figure) {
  const svg = figure.querySelector("svg");
  const { north, west, narrow } = figure.dataset;
  const fields = [...document.querySelectorAll("input[name^='area']")];
  let field = fields[0];
  let mode = "polygon";
  let points = [];
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawing.setAttribute("class", "area drawing");
  svg.append(drawing);

  const degrees = ({ x, y }) =>
    `${(north - y / DEGREE).toFixed(6)}, ${(Number(west) + x / DEGREE / narrow).toFixed(6)}`;

  const draw = () => {
    const [first, second] = points;
    if (mode === "circle" && second) {
      const r = Math.max(10, Math.round(Math.hypot(second.x - first.x, second.y - first.y)));
      drawing.setAttribute(
        "d",
        `M${first.x - r} ${first.y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
      );
      field.value = `${degrees(first)}, ${r}`;
      return;
    }
    const path = points.map(({ x, y }, n) => `${n ? "L" : "M"}${x} ${y}`).join("");
    drawing.setAttribute("d", points.length > 2 ? `${path}Z` : points.length ? `${path}h1` : "");
    field.value = mode === "polygon" && points.length > 2 ? points.map(degrees).join("; ") : "";
  };

  const clear = () => {
    points = [];
    draw();
  };

  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };
  const choose = (chosen, wanted) => () => {
    mode = wanted;
    for (const one of modes) one.setAttribute("aria-pressed", String(one === chosen()));
    clear();
  };
  const polygon = button("Draw corners", choose(() => polygon, "polygon"));
  const circle = button("Draw a circle", choose(() => circle, "circle"));
  const modes = [polygon, circle];
  polygon.setAttribute("aria-pressed", "true");
  circle.setAttribute("aria-pressed", "false");
  const tools = document.createElement("p");
  tools.className = "tools";
  tools.append(polygon, " ", circle, " ", button("Clear", clear));
  figure.prepend(tools);
  figure.classList.add("draws");

  for (const one of fields) {
    one.addEventListener("focus", () => {
      if (field !== one) {
        field = one;
        points = [];
        drawing.setAttribute("d", "");
      }
    });
  }

  svg.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(
      svg.getScreenCTM().inverse(),
    );
    if (mode === "circle" && points.length > 1) points = [];
    if (!points.length) for (const old of svg.querySelectorAll(".area:not(.drawing)")) old.remove();
    points.push({ x: Math.round(at.x), y: Math.round(at.y) });
    draw();
    const details = field.closest("details");
    if (details) details.open = true;
  });
}
