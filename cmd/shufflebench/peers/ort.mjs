// ONNX Runtime as a peer of shufflebench, by npm's onnxruntime-node.
//
//   npm install onnxruntime-node
//   shufflebench -peer 'node ort.mjs {model.onnx}'
//
// ../README.md describes the protocol.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import path from 'node:path';

// From this folder, the current one, or NODE_PATH.
function load(name) {
  const places = [import.meta.url, path.join(process.cwd(), 'x'),
    ...(process.env.NODE_PATH ?? '').split(path.delimiter).filter(Boolean).map((p) => path.join(path.dirname(path.resolve(p)), 'x'))];
  for (const place of places) {
    try {
      return createRequire(place)(name);
    } catch (e) {
      if (e.code !== 'MODULE_NOT_FOUND') throw e;
    }
  }
  throw new Error(`${name} is not installed: npm install onnxruntime-node`);
}

const floats = (base64) => {
  const b = Buffer.from(base64, 'base64');
  return new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
};

const since = (begin) => Number(process.hrtime.bigint() - begin);

let ort, session, feeds, shape;

const operations = {
  async load(q) {
    ort = load('onnxruntime-node');
    shape = q.shape;
    const begin = process.hrtime.bigint();
    session = await ort.InferenceSession.create(q.model, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: q.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
    });
    return { name: 'onnxruntime', version: load('onnxruntime-node/package.json').version + ' node ' + process.versions.node, ns: [since(begin)] };
  },

  async run(q) {
    feeds = { [session.inputNames[0]]: new ort.Tensor('float32', floats(q.input), shape) };
    const begin = process.hrtime.bigint();
    const result = await session.run(feeds);
    const ns = [since(begin)];
    // Sample after sample, each with all its outputs.
    const batch = shape[0];
    const outputs = session.outputNames.map((n) => result[n].data);
    const parts = [];
    for (let i = 0; i < batch; i++) {
      for (const o of outputs) {
        const each = o.length / batch;
        const part = o.subarray(i * each, (i + 1) * each);
        parts.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
      }
    }
    return { ns, output: Buffer.concat(parts).toString('base64') };
  },

  async time(q) {
    const ns = new Array(q.n);
    for (let i = 0; i < (q.warm ?? 0); i++) await session.run(feeds);
    for (let i = 0; i < q.n; i++) {
      const begin = process.hrtime.bigint();
      await session.run(feeds);
      ns[i] = since(begin);
    }
    return { ns };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const q = JSON.parse(line);
  if (q.op === 'quit') break;
  let a;
  try {
    if (!operations[q.op]) throw new Error(`got operation ${q.op}, want load, run, time or quit`);
    a = { ok: true, ...(await operations[q.op](q)) };
  } catch (e) {
    a = { ok: false, error: String(e.message ?? e) };
  }
  a.peak_rss = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify(a) + '\n');
}
process.exit(0);
