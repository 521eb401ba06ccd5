import type { KernelBackend } from "@lowbit/core/backend";
import type { SignLayout, TermLayout } from "@lowbit/core/terms";
import { type ActivationBits, DecodingSession, type LanguageModel, Tensor } from "@lowbit/lm";
import { type GeneratedModel, type GeneratedShape, generateModel, type WeightKind } from "./generated-model.js";
import { median } from "./median.js";
import { secondsOf } from "./roofline.js";
import { type SquareMatmul, squareMatmul } from "./square-matmul.js";

/** Many tokens at once: the work of the linear layers and of attention beside a plain product in the same rounds. */
export interface PrefillFigure {
  /** "f32", "affine 4 bits g128 × int8". */
  readonly name: string;
  readonly tokensPerSecond: number;
  /** Median, 1e9 operations a second. */
  readonly gigaflops: number;
  /** Median over the rounds of this rate over that of the matmul just before it. */
  readonly shareOfMatmul: number;
}

/** One token at a time: the bytes of the weights beside reading memory in the same rounds. */
export interface DecodeFigure {
  readonly name: string;
  /** Bytes of weights that a token reads, scales included. */
  readonly bytes: number;
  readonly weights: number;
  readonly tokensPerSecond: number;
  /** Median, 1e9 bytes of weights a second. */
  readonly gigabytes: number;
  /** Median speed of reading the same memory, 1e9 bytes a second. */
  readonly read: number;
  /** Median over the rounds of this speed over that of reading just before it. */
  readonly shareOfRead: number;
}

export interface LanguageModelFigures {
  readonly backend: string;
  readonly isa: string;
  readonly threads: number;
  readonly rounds: number;
  readonly shape: GeneratedShape;
  /** Median rate of `matmul` of two square matrices in the prefill rounds, 1e9 operations a second. */
  readonly matmul: number;
  readonly matmulSize: number;
  readonly prefillTokens: number;
  readonly prefill: readonly PrefillFigure[];
  /** Positions in the cache before the token that is measured. */
  readonly context: number;
  readonly decode: readonly DecodeFigure[];
}

export interface LanguageModelBenchOptions {
  readonly rounds?: number;
  /** Least bytes of the weights of each model; larger than any cache, or figures are those of a cache. */
  readonly bytes?: number;
  readonly shape?: GeneratedShape;
  readonly matmulSize?: number;
  readonly prefillTokens?: number;
  readonly prefillBlocks?: number;
  readonly context?: number;
  readonly onStep?: (step: string) => void;
}

/** That of Llama 3 8B, without its vocabulary. */
const SHAPE: GeneratedShape = {
  hiddenSize: 4096,
  feedForwardSize: 14336,
  headCount: 32,
  keyValueHeadCount: 8,
  headSize: 128,
  vocabularySize: 256,
};
/** Tokens that are timed together. */
const DECODED_TOKENS = 2;

const affine = (bits: number): WeightKind => ({
  name: `affine ${bits} bits g128`,
  layout: (rows, columns) => ({ kind: "affine", rows, columns, bits, zero: "midpoint", ...GROUPS }),
  // Uniform codes have the standard deviation 2^bits / √12.
  scale: (columns) => Math.sqrt(12 / columns) / 2 ** bits,
});
const GROUPS = { granularity: "group", groupSize: 128, scaleDtype: "F16" } as const;
type Sharing = Pick<SignLayout, "granularity" | "groupSize">;
const PLAIN: WeightKind = {
  name: "f32",
  layout: (rows, columns): TermLayout => ({ kind: "dense", rows, columns, valueDtype: "F32" }),
  scale: (columns) => Math.sqrt(3 / columns),
};
/** As BitNet b1.58 keeps its weights: two bits a weight, a scale a tensor. */
const TERNARY: WeightKind = {
  name: "ternary",
  layout: (rows, columns): TermLayout => ({
    kind: "ternary",
    rows,
    columns,
    granularity: "tensor",
    groupSize: columns,
    packing: "two-bit",
    scaleDtype: "F16",
  }),
  // Random digits: 3 of 4 codes are −1, 0 and 1; the fourth counts as 2.
  scale: (columns) => Math.sqrt(2 / (3 * columns)),
};
const sign = (name: string, sharing: (columns: number) => Sharing): WeightKind => ({
  name,
  layout: (rows, columns) => ({
    kind: "sign",
    rows,
    columns,
    zones: 1,
    hasMean: false,
    hasColumnScale: false,
    scaleDtype: "F16",
    ...sharing(columns),
  }),
  scale: (columns) => Math.sqrt(1 / columns),
});

interface BenchCase {
  readonly kind: WeightKind;
  readonly activations: readonly (ActivationBits | undefined)[];
  readonly isPrefilled: boolean;
}

const CASES: readonly BenchCase[] = [
  { kind: PLAIN, activations: [undefined], isPrefilled: true },
  { kind: affine(8), activations: [8, undefined], isPrefilled: false },
  { kind: affine(4), activations: [8, undefined], isPrefilled: true },
  { kind: affine(2), activations: [8, undefined], isPrefilled: false },
  { kind: TERNARY, activations: [8, undefined], isPrefilled: false },
  { kind: sign("sign g128", () => GROUPS), activations: [8, undefined], isPrefilled: false },
  {
    kind: sign("sign, a scale a row", (groupSize) => ({ granularity: "row", groupSize })),
    activations: [8, undefined],
    isPrefilled: false,
  },
];

/** Prefill and decode of generated models, each beside the limit measured in the same rounds. */
export function measureLanguageModels(
  backend: KernelBackend,
  options: LanguageModelBenchOptions = {},
): LanguageModelFigures {
  const { rounds = 5, bytes = 2 ** 29, shape = SHAPE, matmulSize = 1024 } = options;
  const { prefillTokens = 512, prefillBlocks = 2, context = 128, onStep } = options;
  const matmul = squareMatmul(backend, matmulSize);
  const matmulRates: number[] = [];
  const prefill: PrefillFigure[] = [];
  const decode: DecodeFigure[] = [];
  for (const { kind, activations, isPrefilled } of CASES) {
    onStep?.(`generating a model of ${kind.name}`);
    const model = generateModel(backend, shape, kind, bytes);
    onStep?.(`decoding with ${kind.name}`);
    decode.push(...measureDecode(backend, model, activations, { rounds, context }));
    if (isPrefilled) {
      onStep?.(`prefill with ${kind.name}`);
      const short = model.withBlocks(Math.min(prefillBlocks, model.blocks.length));
      const operations = prefillOperations(model.blockWeights, short, prefillTokens);
      const sizes = { rounds, tokens: prefillTokens, operations };
      prefill.push(...measurePrefill(backend, short, activations, sizes, matmul, matmulRates));
    }
    model.close();
  }
  matmul.release();
  const { name, isa, threads } = backend;
  return {
    backend: name,
    isa,
    threads,
    rounds,
    shape,
    matmul: median(matmulRates),
    matmulSize,
    prefillTokens,
    prefill,
    context,
    decode,
  };
}

function caseName(model: LanguageModel, bits: ActivationBits | undefined): string {
  return `${model.name} × ${bits === undefined ? "f32" : `int${bits}`}`;
}

function openSession(
  model: LanguageModel,
  backend: KernelBackend,
  capacity: number,
  bits: ActivationBits | undefined,
): DecodingSession {
  return new DecodingSession(model, backend, { capacity, ...(bits !== undefined && { activationBits: bits }) });
}

function measureDecode(
  backend: KernelBackend,
  model: GeneratedModel,
  activations: BenchCase["activations"],
  { rounds, context }: { readonly rounds: number; readonly context: number },
): DecodeFigure[] {
  const runs = activations.map((bits) => {
    const session = openSession(model, backend, context + DECODED_TOKENS, bits);
    fillCache(backend, model, session, context);
    return { name: caseName(model, bits), session, seconds: [] as number[], shares: [] as number[] };
  });
  const reads: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (const { session, seconds, shares } of runs) {
      const { memory } = model;
      const read = memory.byteLength / secondsOf(() => backend.readBandwidth(memory.bytes()));
      const time = secondsOf(() => {
        for (let i = 0; i < DECODED_TOKENS; i++) session.next(Uint32Array.of(i + 1));
      });
      session.cache.truncate(context);
      if (round === 0) continue; // warms up
      reads.push(read);
      seconds.push(time / DECODED_TOKENS);
      shares.push((model.weightBytes * DECODED_TOKENS) / time / read);
    }
  }
  return runs.map(({ name, session, seconds, shares }) => {
    session.close();
    const second = median(seconds);
    return {
      name,
      bytes: model.weightBytes,
      weights: model.blocks.length * model.blockWeights,
      tokensPerSecond: 1 / second,
      gigabytes: model.weightBytes / second / 1e9,
      read: median(reads) / 1e9,
      shareOfRead: median(shares),
    };
  });
}

/** What lies in the cache does not matter for the time. */
function fillCache(
  backend: KernelBackend,
  { config }: LanguageModel,
  session: DecodingSession,
  positions: number,
): void {
  const columns = config.keyValueHeadCount * config.headSize;
  const buffer = backend.allocate(4 * positions * columns);
  const tensor = new Tensor(buffer, positions, columns);
  tensor.values.forEach((_, i, values) => {
    values[i] = Math.sin(i);
  });
  for (const layer of session.cache.layers) layer.append(tensor, tensor);
  buffer.release();
}

/** A multiplication and an addition are two; attention counts the keys that a query sees. */
function prefillOperations(blockWeights: number, { config, blocks }: LanguageModel, tokens: number): number {
  const attention = (2 * 2 * config.headCount * config.headSize * tokens * (tokens + 1)) / 2;
  return blocks.length * (2 * blockWeights * tokens + attention);
}

function measurePrefill(
  backend: KernelBackend,
  model: LanguageModel,
  activations: BenchCase["activations"],
  sizes: { readonly rounds: number; readonly tokens: number; readonly operations: number },
  matmul: SquareMatmul,
  matmulRates: number[],
): PrefillFigure[] {
  const tokens = Uint32Array.from({ length: sizes.tokens }, (_, i) => (i * 31) % model.config.vocabularySize);
  const runs = activations.map((bits) => ({
    name: caseName(model, bits),
    session: openSession(model, backend, sizes.tokens, bits),
    rates: [] as number[],
    shares: [] as number[],
  }));
  for (let round = 0; round <= sizes.rounds; round++) {
    for (const { session, rates, shares } of runs) {
      const limit = matmul.measure();
      session.cache.clear();
      const rate = sizes.operations / secondsOf(() => session.extend(tokens)) / 1e9;
      if (round === 0) continue; // warms up
      matmulRates.push(limit);
      rates.push(rate);
      shares.push(rate / limit);
    }
  }
  return runs.map(({ name, session, rates, shares }) => {
    session.close();
    const gigaflops = median(rates);
    const tokensPerSecond = (gigaflops * 1e9 * sizes.tokens) / sizes.operations;
    return { name, tokensPerSecond, gigaflops, shareOfMatmul: median(shares) };
  });
}
