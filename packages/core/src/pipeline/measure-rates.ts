import type { KernelBackend } from "../backend/kernel-backend.js";
import type { RowBlock } from "../tensor/row-block.js";
import { decodeTerms } from "../terms/decode-terms.js";
import { placedByteLength, placeTerm } from "../terms/term-arrays.js";
import type { QuantizerTable } from "./chunk-environment.js";
import type { PlannedQuantization, QuantizationPlan } from "./plan.js";

/** Weights of the measured block: small enough that the slowest method on the slowest backend answers soon. */
const SAMPLE_WEIGHTS = 2 ** 14;
const LEAST_MS = 10;
const MOST_RUNS = 50;
/** Bytes a second of reading and writing through the page cache; 0.4 to 4.3 were measured. */
const COPY_RATE = 1e9;

/**
 * Estimated seconds of a run: each method and set of options is timed on a small Gaussian block on this machine, one
 * thread; copying is reckoned at 1 GB/s. An estimate for people, never used for decisions.
 */
export function estimateSeconds(
  plan: QuantizationPlan,
  quantizers: QuantizerTable,
  backend: KernelBackend,
  threads: number,
): number {
  const rates = new Map<string, number>();
  let computeSeconds = 0;
  for (const { quantization, weights } of plan.tensors) {
    if (!quantization) continue;
    const key = JSON.stringify([quantization.method, quantization.options]);
    let rate = rates.get(key);
    if (rate === undefined) {
      rate = measureSecondsPerWeight(quantization, quantizers, backend);
      rates.set(key, rate);
    }
    computeSeconds += weights * rate;
  }
  return computeSeconds / threads + (plan.totals.inputBytes + plan.totals.outputBytes) / COPY_RATE;
}

function measureSecondsPerWeight(
  { method, options }: PlannedQuantization,
  quantizers: QuantizerTable,
  backend: KernelBackend,
): number {
  const quantizer = quantizers[method]!;
  const shape = { rows: 16, columns: SAMPLE_WEIGHTS / 16 };
  const layouts = quantizer.layout(shape, options);
  const sizes = [4 * SAMPLE_WEIGHTS, 4 * SAMPLE_WEIGHTS, ...layouts.map(placedByteLength)];
  const buffer = backend.allocate(sizes.reduce((sum, size) => sum + size, 0));
  let offset = 0;
  const [values, approximation, ...memories] = sizes.map((size) => {
    offset += size;
    return buffer.bytes().subarray(offset - size, offset);
  });
  const block: RowBlock = { values: floats(values!), ...shape };
  const terms = layouts.map((layout, index) => placeTerm(layout, memories[index]!));
  const original = gaussian(SAMPLE_WEIGHTS);
  const survey = (): unknown => {
    if (!quantizer.survey) return undefined;
    let state = quantizer.survey.begin(shape, options);
    for (let pass = 0; pass < quantizer.survey.passes(options); pass++) {
      block.values.set(original);
      state = quantizer.survey.fold(
        pass,
        state,
        [quantizer.survey.look(pass, state, block, options, backend)],
        options,
      );
    }
    return state;
  };
  const run = (): void => {
    const state = survey();
    block.values.set(original);
    quantizer.quantizeRows(block, terms, options, state, backend);
    decodeTerms(terms, floats(approximation!), backend);
  };
  try {
    run(); // compiles
    const started = performance.now();
    let runs = 0;
    do {
      run();
      runs++;
    } while (performance.now() - started < LEAST_MS && runs < MOST_RUNS);
    return (performance.now() - started) / 1000 / (runs * SAMPLE_WEIGHTS);
  } finally {
    buffer.release();
  }
}

const floats = (bytes: Uint8Array): Float32Array =>
  new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);

/** Gaussian weights of standard deviation 0.02 from a fixed seed (Box–Muller over a 32-bit linear generator). */
function gaussian(count: number): Float32Array {
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Float32Array.from(
    { length: count },
    () => 0.02 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}
