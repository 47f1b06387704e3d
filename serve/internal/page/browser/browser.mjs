// Looks at the page as a person does, with Chromium without a window:
//   browser.mjs URL WHERE PICTURE-A PICTURE-B LABEL-A LABEL-B [SCREENSHOT]
// WHERE is what the page must say of its engine. RIFFLE_BROWSER is a folder in which
// playwright-core is installed. Exit status 0 if all is as it should be.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";

const { chromium } = createRequire(process.env.RIFFLE_BROWSER + "/")("playwright-core");
const [url, where, a, b, labelA, labelB, shot] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: process.env.RIFFLE_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
});
const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
const wrong = [];
page.on("console", (m) => {
  // That there is no server is found out by asking.
  if (m.type() === "error" && !m.location().url.endsWith("/v2")) wrong.push(m.text());
});
page.on("pageerror", (e) => wrong.push(String(e)));
await page.route("**", (route) => {
  const to = new URL(route.request().url());
  if (to.origin !== new URL(url).origin && to.protocol.startsWith("http")) {
    wrong.push("asked for " + to);
    return route.abort();
  }
  return route.continue();
});

await page.goto(url);
const said = page.getByRole("status");
const says = async (text) => {
  await page.waitForFunction(([t]) => document.querySelector("#status").textContent.includes(t), [text], { timeout: 60_000 })
    .catch(async () => assert.fail(`want ${text}, the page says: ${await said.textContent()}`));
};
await says("Ready.");
assert.match(await page.locator("#engine").textContent(), new RegExp(where));
await page.getByLabel("Model").selectOption("cifar10-sds");

// A file is dropped on A, as from a folder.
const transfer = await page.evaluateHandle(([bytes, name]) => {
  const t = new DataTransfer();
  t.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type: "image/png" }));
  return t;
}, [readFileSync(a).toString("base64"), basename(a)]);
await page.dispatchEvent("#a .drop", "drop", { dataTransfer: transfer });
await says(`Picture A: ${labelA}`);
assert.equal(await page.locator("#a .classes li").count(), 5);
assert.equal(await page.locator("#a .classes .name").first().textContent(), labelA);
assert.match(await page.locator("#a .times").innerText(), /run\s+[\d.]+ ms/);

// B is chosen with the keyboard alone: the label's own control has the focus.
const chooser = page.getByLabel("choose a file for picture B");
let dialog;
for (let tries = 0; !dialog; tries++) {
  assert.ok(tries < 5, "the keyboard does not open the choice of a file");
  await chooser.focus();
  [dialog] = await Promise.all([page.waitForEvent("filechooser", { timeout: 5000 }).catch(() => null), page.keyboard.press("Space")]);
}
await dialog.setFiles(b);
await says(`Picture B: ${labelB}`);

// Every dynamic layer has three matrices with a name for who cannot see them.
const rows = await page.locator("#layers tbody tr").count();
assert.equal(rows, 3);
assert.equal(await page.getByRole("img", { name: /usual permutation/ }).count(), rows);
assert.equal(await page.getByRole("img", { name: /, picture A: \d+ of \d+ not as usual/ }).count(), rows);
assert.equal(await page.getByRole("img", { name: /, picture B: \d+ of \d+ not as usual/ }).count(), rows);
assert.ok(await page.getByText(/A and B differ in \d+ channels/).count() > 0, "the pictures were routed alike");
const inked = await page.locator("#layers canvas").evaluateAll((all) => all.map((c) => {
  const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
  let n = 0;
  for (let i = 3; i < d.length; i += 4) n += d[i] > 0;
  return n;
}));
assert.ok(inked.every((n) => n > 100), `matrices without dots: ${inked}`);
if (shot) await page.screenshot({ path: shot, fullPage: true });

// What is no picture is said, and the page goes on.
await page.locator("#a input[type=file]").setInputFiles({ name: "x.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
await says("not a picture");
assert.equal(await page.locator("#a .classes li").count(), 0);
wrong.splice(0, wrong.length, ...wrong.filter((w) => !/415/.test(w)));

// The camera.
await page.getByRole("button", { name: "use the camera for picture A" }).click();
await page.getByRole("button", { name: "take the picture" }).click();
await page.waitForFunction(() => document.querySelectorAll("#a .classes li").length === 5, null, { timeout: 60_000 })
  .catch(async () => assert.fail(`the camera's picture: the page says: ${await said.textContent()}; ${wrong}`));

// Another model looks at the same pictures.
await page.getByLabel("Model").selectOption("cifar10");
await page.waitForFunction(() => !document.querySelector("[aria-busy]"), null, { timeout: 60_000 });
assert.equal(await page.locator("#b .classes li").count(), 5);
assert.deepEqual(wrong, []);
await browser.close();
console.log("the page is as it should be");
