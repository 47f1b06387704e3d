// The engine in the page itself: WebAssembly in a worker, for a host that only has files.

export function start() {
  const worker = new Worker("worker.js");
  const waiting = new Map();
  let last = 0;
  const ask = (method, ...args) => new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject });
    worker.postMessage({ id: last, method, args });
  });
  worker.onmessage = ({ data: { id, value, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  };
  worker.onerror = (e) => {
    for (const { reject } of waiting.values()) reject(new Error(e.message || "the engine did not start"));
    waiting.clear();
  };
  return {
    where: "computed in this page; no picture leaves it",
    models: () => ask("models"),
    classify: async (model, blob) => ask("classify", model, new Uint8Array(await blob.arrayBuffer())),
  };
}
