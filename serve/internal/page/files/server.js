// The engine behind a server: the Open Inference Protocol over HTTP, next to this page.

// connect returns an engine, or null where no riffle server answers.
export async function connect(token) {
  const ask = async (path, options = {}) => {
    const headers = { ...options.headers };
    if (token()) headers.Authorization = "Bearer " + token();
    const answer = await fetch(path, { ...options, headers });
    if (answer.ok) return answer;
    const text = (await answer.json().catch(() => null))?.error ?? answer.statusText;
    throw Object.assign(new Error(text), { status: answer.status });
  };
  try {
    const server = await (await ask("v2")).json();
    if (server.name !== "riffle") return null;
  } catch (e) {
    if (e.status !== 401) return null;
  }
  return {
    where: "computed by the server",
    async models() {
      const index = await (await ask("v2/repository/index", { method: "POST", body: '{"ready":true}' })).json();
      return [...new Set(index.map((m) => m.name))]; // a model may have several versions
    },
    // classify sends the picture's file as it is: JSON, and its bytes behind.
    async classify(model, blob) {
      const length = new DataView(new ArrayBuffer(4));
      length.setUint32(0, blob.size, true);
      const head = new Blob([JSON.stringify({
        parameters: { top_k: 5 },
        inputs: [{ name: "image", datatype: "BYTES", shape: [1], parameters: { binary_data_size: blob.size + 4 } }],
        outputs: ["labels", "classes", "probabilities", "stages", "permutations"].map((name) => ({ name })),
      })]);
      const answer = await (await ask(`v2/models/${encodeURIComponent(model)}/infer`, {
        method: "POST", body: new Blob([head, length.buffer, blob]),
        headers: { "Inference-Header-Content-Length": head.size, "Content-Type": "application/octet-stream" },
      })).json();
      const of = (name) => answer.outputs.find((o) => o.name === name).data;
      const [queue, decode, resize, run] = of("stages");
      return {
        classes: of("probabilities").map((share, i) => ({ name: of("labels")[i] || "class " + of("classes")[i], share })),
        stages: { queue, decode, resize, run },
        layers: JSON.parse(of("permutations")[0]),
      };
    },
  };
}
