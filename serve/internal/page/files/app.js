// Joins the page's parts: an engine, two pictures, and the drawing of what came out.
import { connect } from "./server.js";
import { start } from "./local.js";
import { drawClasses, drawTimes, drawLayers } from "./view.js";

const find = (selector, within = document) => within.querySelector(selector);
const status = find("#status"), select = find("#model"), token = find("#token");
const pictures = ["a", "b"].map((id) => ({ id, name: id.toUpperCase(), box: find("#" + id), blob: null, layers: null, asked: 0 }));
let engine;

function say(text, wrong = false) {
  status.textContent = text;
  status.className = wrong ? "wrong" : "";
}

async function classify(p) {
  if (!p.blob || !select.value) return;
  const asked = ++p.asked; // only the last answer counts
  p.box.setAttribute("aria-busy", "true");
  say(`Looking at picture ${p.name} ...`);
  try {
    const r = await engine.classify(select.value, p.blob);
    if (asked !== p.asked) return;
    drawClasses(find(".classes", p.box), r.classes);
    drawTimes(find(".times", p.box), r.stages);
    p.layers = r.layers.length ? r.layers : null;
    say(`Picture ${p.name}: ${r.classes[0].name}, ${(100 * r.classes[0].share).toFixed(1)} percent.`);
  } catch (e) {
    if (asked !== p.asked) return;
    find(".classes", p.box).replaceChildren();
    find(".times", p.box).replaceChildren();
    p.layers = null;
    find("#token-label").hidden &&= e.status !== 401;
    say(`Picture ${p.name}: ${e.message}`, true);
  } finally {
    if (asked === p.asked) p.box.removeAttribute("aria-busy");
  }
  find("#routes").hidden = !drawLayers(find("#layers"), pictures);
}

function show(p, blob) {
  const img = find("img", p.box);
  if (img.src) URL.revokeObjectURL(img.src);
  img.src = URL.createObjectURL(blob);
  img.alt = `picture ${p.name}` + (blob.name ? `, ${blob.name}` : "");
  img.hidden = false;
  p.blob = blob;
  return classify(p);
}

// camera shows what the camera sees until the picture is taken.
async function camera(p) {
  const video = find("video", p.box), shoot = find(".shoot", p.box), img = find("img", p.box);
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (e) {
    say(`The camera cannot be used: ${e.message}`, true);
    return;
  }
  video.srcObject = stream;
  video.hidden = false;
  img.hidden = true;
  await video.play();
  shoot.onclick = () => {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    stream.getTracks().forEach((t) => t.stop());
    video.hidden = shoot.hidden = true;
    find(".camera", p.box).focus();
    canvas.toBlob((blob) => show(p, blob), "image/png");
  };
  shoot.hidden = false; // now that there is something to take
  shoot.focus();
}

function prepare(p) {
  p.box.append(find("#picture").content.cloneNode(true));
  const drop = find(".drop", p.box), file = find("input[type=file]", p.box);
  find(".button", p.box).append(make(p.name));
  file.onchange = () => { if (file.files[0]) show(p, file.files[0]); };
  find(".camera", p.box).onclick = () => camera(p);
  find(".camera", p.box).setAttribute("aria-label", `use the camera for picture ${p.name}`);
  find(".camera", p.box).hidden = !navigator.mediaDevices; // a page without TLS has none
  drop.ondragover = (e) => { e.preventDefault(); drop.classList.add("over"); };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (e) => {
    e.preventDefault();
    drop.classList.remove("over");
    const files = [...e.dataTransfer.files];
    if (files[0]) show(p, files[0]);
    if (files[1]) show(pictures.find((o) => o !== p), files[1]);
  };
}

// make is the hidden part of a button's name: which picture it is for.
function make(name) {
  const e = document.createElement("span");
  e.className = "hidden";
  e.textContent = ` for picture ${name}`;
  return e;
}

async function fill() {
  try {
    const names = await engine.models();
    select.replaceChildren(...names.map((n) => new Option(n)));
    say(names.length ? "Ready." : "There are no models.", !names.length);
  } catch (e) {
    find("#token-label").hidden = e.status !== 401;
    say(e.status === 401 ? "The server wants a token." : e.message, true);
  }
}

pictures.forEach(prepare);
document.onpaste = (e) => {
  const file = [...e.clipboardData.files].find((f) => f.type.startsWith("image/"));
  if (file) show(pictures.find((p) => !p.blob) ?? pictures[0], file);
};
// again looks at both pictures with the model that is chosen now, whose layers are others.
function again() {
  for (const p of pictures) p.layers = null;
  pictures.forEach(classify);
}
select.onchange = again;
token.onchange = () => fill().then(again);
say("Starting ...");
engine = (await connect(() => token.value)) ?? start();
find("#engine").textContent = engine.where;
await fill();
