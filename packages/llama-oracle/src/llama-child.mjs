// Runs llama.cpp on GGUF files for one request, then ends. A process of its own because llama.cpp aborts the process that
// it runs in when a file lacks a key or a tokenizer lacks a byte.
//
// Input: a request of llama.ts as JSON on standard input. Output: the answer's bytes on descriptor 3.

import { writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import "./plain-kernels.mjs";
import { getLlama } from "node-llama-cpp";

const ANSWER = 3;

function write(bytes) {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(ANSWER, bytes, done);
    } catch (error) {
      // The pipe is full: its reader needs a moment.
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function tokenize(model, texts) {
  write(Buffer.from(`${JSON.stringify(texts.map((text) => model.tokenize(text, true)))}\n`));
}

async function evaluate(model, sequences) {
  const longest = Math.max(...sequences.map((ids) => ids.length));
  // Keys and values in F32 and one batch: as near to exact arithmetic as llama.cpp goes.
  const context = await model.createContext({
    // One more than is used: a full context would be shifted.
    contextSize: longest + 1,
    batchSize: longest,
    sequences: 1,
    threads: 1,
    flashAttention: false,
    experimentalKvCacheKeyType: "F32",
    experimentalKvCacheValueType: "F32",
  });
  const sequence = context.getSequence();
  for (const ids of sequences) {
    // All positions are computed in one batch and handed over one by one, so that one row of the vocabulary is in memory.
    await sequence.controlledEvaluate(
      ids.map((id) => [id, { generateNext: { logits: true } }]),
      {
        onTokenResult(_position, { next }) {
          const row = new Float32Array(next.logits.size);
          for (const [id, logit] of next.logits) row[id] = logit;
          write(new Uint8Array(row.buffer));
          next.logits.clear();
        },
      },
    );
    await sequence.clearHistory();
  }
  await context.dispose();
}

const { paths, texts, sequences } = JSON.parse(await text(process.stdin));
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, progressLogs: false, logLevel: "warn" });
for (const path of paths) {
  console.error(`${path}:`);
  const model = await llama.loadModel({ modelPath: path, vocabOnly: texts !== undefined, useMmap: false });
  if (texts !== undefined) tokenize(model, texts);
  else await evaluate(model, sequences);
  await model.dispose();
}
process.exit(0);
