// Draws results: classes and times as bars, permutations as small matrices.

const svg = (tag, attributes) => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  return e;
};

// make builds an element with a class and children, which are elements or text.
export const make = (tag, className, ...children) => {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...children);
  return e;
};

// bar is decoration: the number is text beside it.
const bar = (share) => {
  const s = svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  s.append(svg("rect", { class: "track", width: 100, height: 10 }), svg("rect", { class: "fill", width: 100 * share, height: 10 }));
  return s;
};

export function drawClasses(list, classes) {
  list.replaceChildren(...classes.map(({ name, share }) => make("li", "",
    make("span", "name", name), bar(share), make("span", "share", (100 * share).toFixed(1) + " %"))));
}

export function drawTimes(table, stages) {
  const all = Object.values(stages).reduce((a, b) => a + b, 0);
  const row = (name, ns) => {
    const head = make("th", "", name);
    head.scope = "row";
    return make("tr", "", head, make("td", "", bar(all ? ns / all : 0)), make("td", "", (ns / 1e6).toFixed(2) + " ms"));
  };
  table.replaceChildren(make("caption", "quiet", `time by stage, ${(all / 1e6).toFixed(2)} ms together`),
    ...Object.entries(stages).map(([name, ns]) => row(name, ns)));
}

// matrix draws a permutation: row r has its dot in column chosen[r], in a colour of its
// own where that is not the usual one.
function matrix(chosen, usual, name) {
  const n = chosen.length;
  const dot = n > 200 ? 2 : 3; // pixels; a canvas is scaled down smoothly enough by that
  const canvas = make("canvas");
  canvas.width = canvas.height = n * dot;
  const c = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  chosen.forEach((from, r) => {
    const differs = usual && usual[r] !== from;
    c.fillStyle = style.getPropertyValue(differs ? "--other" : "--usual");
    const size = dot * Math.max(1, Math.round(n / 64));
    c.fillRect(from * dot - (size - dot) / 2, r * dot - (size - dot) / 2, size, size);
  });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
  return canvas;
}

const differ = (p, q) => p.reduce((n, v, i) => n + (v !== q[i] ? 1 : 0), 0);

// drawLayers draws one row a dynamic layer: the usual permutation, and each picture's.
export function drawLayers(table, pictures) {
  const shown = pictures.filter((p) => p.layers);
  const head = make("tr", "", ...["layer", "usually", ...shown.map((p) => "picture " + p.name)].map((text) => {
    const th = make("th", "", text);
    th.scope = "col";
    return th;
  }));
  const rows = shown.length === 0 ? [] : shown[0].layers.map((layer, i) => {
    const { node, groups, chosen, usual } = layer;
    const name = make("th", "", node, make("div", "quiet", `${chosen.length} channels, ${groups} groups`));
    name.scope = "row";
    if (shown.length === 2) {
      const n = differ(shown[0].layers[i].chosen, shown[1].layers[i].chosen);
      name.append(make("div", n ? "wrong" : "quiet", n ? `A and B differ in ${n} channels` : "A and B are routed alike"));
    }
    const cells = [make("td", "", usual ? matrix(usual, usual, `${node}: the usual permutation`) : "not known")];
    for (const p of shown) {
      const mine = p.layers[i].chosen;
      const text = usual ? `${differ(mine, usual)} of ${mine.length} not as usual` : `${mine.length} channels`;
      cells.push(make("td", "", matrix(mine, usual, `${node}, picture ${p.name}: ${text}`), text));
    }
    return make("tr", "", name, ...cells);
  });
  table.replaceChildren(make("thead", "", head), make("tbody", "", ...rows));
  return rows.length > 0;
}
