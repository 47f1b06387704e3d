// Runs riffle.wasm, and answers local.js. A worker, so that the page stays responsive.
importScripts("wasm_exec.js");

const ready = (async () => {
  const go = new Go();
  const { instance } = await WebAssembly.instantiateStreaming(fetch("riffle.wasm"), go.importObject);
  const started = new Promise((resolve) => { self.riffleReady = resolve; });
  go.run(instance);
  return started; // with {models, classify}, see page/wasm
})();

onmessage = async ({ data: { id, method, args } }) => {
  try {
    const answer = (await ready)[method](...args);
    if (answer.error !== undefined) throw new Error(answer.error);
    postMessage({ id, value: JSON.parse(answer.json) });
  } catch (e) {
    postMessage({ id, error: e.message ?? String(e) });
  }
};
