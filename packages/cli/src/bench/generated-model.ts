import type { BackendBuffer, KernelBackend } from "@lowbit/core/backend";
import {
  placedByteLength,
  placeTerm,
  type Term,
  type TermLayout,
  termArrays,
  termByteLength,
} from "@lowbit/core/terms";
import type { Block, DecoderConfig, LanguageModel, LinearLayer, NormLayer } from "@lowbit/lm";
import { filledBuffer } from "./roofline.js";

/** Sizes of a Llama-shaped decoder. */
export interface GeneratedShape {
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly headCount: number;
  readonly keyValueHeadCount: number;
  readonly headSize: number;
  readonly vocabularySize: number;
}

/** How the linear layers of the blocks are stored. */
export interface WeightKind {
  /** "affine 4 bits g128". */
  readonly name: string;
  readonly layout: (rows: number, columns: number) => TermLayout;
  /** Scale with which random codes give outputs as large as inputs, or the largest value of plain weights. */
  readonly scale: (columns: number) => number;
}

/** A decoder with random weights, one after another in one buffer. */
export interface GeneratedModel extends LanguageModel {
  readonly memory: BackendBuffer;
  /** Bytes of the terms of one block: what a token reads of it. */
  readonly blockBytes: number;
  /** Weights of the linear layers of one block. */
  readonly blockWeights: number;
  /** The same weights, of fewer blocks. */
  withBlocks(count: number): LanguageModel;
}

/** As many blocks as it takes to fill `leastBytes`; a small vocabulary, plain f32. */
export function generateModel(
  backend: KernelBackend,
  shape: GeneratedShape,
  kind: WeightKind,
  leastBytes: number,
): GeneratedModel {
  const linears = linearShapes(shape);
  const layouts = Object.values(linears).map(([rows, columns]) => kind.layout(rows, columns));
  const blockBytes = sum(layouts.map(termByteLength));
  const placedBytes = sum(layouts.map(placedByteLength));
  const blockCount = Math.ceil(leastBytes / blockBytes);
  const table: TermLayout = { kind: "dense", rows: shape.vocabularySize, columns: shape.hiddenSize, valueDtype: "F32" };
  const total = blockCount * placedBytes + 2 * placedByteLength(table);
  const memory = filledBuffer(backend, Math.ceil(total / 4096) * 4096);
  const placer = new Placer(backend, memory);
  const uniform = (columns: number): number => Math.sqrt(3 / columns);
  const blocks = Array.from({ length: blockCount }, (_, index) => {
    const layer = (name: keyof typeof linears): LinearLayer => {
      const [rows, columns] = linears[name];
      return placer.linear(`${index}.${name}`, kind.layout(rows, columns), kind.scale(columns));
    };
    return generatedBlock(index, layer, shape.hiddenSize);
  });
  const embedding = { tokens: placer.linear("embedding", table, 1) };
  const output = placer.linear("head", table, uniform(shape.hiddenSize), false);
  const head = { norm: ones("norm", shape.hiddenSize), output };
  const withBlocks = (count: number): LanguageModel => ({
    name: kind.name,
    config: generatedConfig(shape, count),
    embedding,
    blocks: blocks.slice(0, count),
    head,
    weightBytes: count * blockBytes,
    close: () => memory.release(),
  });
  const blockWeights = sum(Object.values(linears).map(([rows, columns]) => rows * columns));
  return { ...withBlocks(blockCount), memory, blockBytes, blockWeights, withBlocks };
}

type LinearName = "query" | "key" | "value" | "output" | "gate" | "up" | "down";

/** [outFeatures, inFeatures] */
function linearShapes(shape: GeneratedShape): Readonly<Record<LinearName, readonly [number, number]>> {
  const { hiddenSize, feedForwardSize, headCount, keyValueHeadCount, headSize } = shape;
  return {
    query: [headCount * headSize, hiddenSize],
    key: [keyValueHeadCount * headSize, hiddenSize],
    value: [keyValueHeadCount * headSize, hiddenSize],
    output: [hiddenSize, headCount * headSize],
    gate: [feedForwardSize, hiddenSize],
    up: [feedForwardSize, hiddenSize],
    down: [hiddenSize, feedForwardSize],
  };
}

function generatedBlock(index: number, layer: (name: LinearName) => LinearLayer, hiddenSize: number): Block {
  return {
    index,
    attentionNorm: ones(`${index}.attentionNorm`, hiddenSize),
    attention: {
      input: { kind: "separate", query: layer("query"), key: layer("key"), value: layer("value") },
      output: layer("output"),
    },
    feedForwardNorm: ones(`${index}.feedForwardNorm`, hiddenSize),
    feedForward: { gate: layer("gate"), up: layer("up"), down: layer("down") },
  };
}

function ones(name: string, columns: number): NormLayer {
  return { kind: "rms", epsilon: 1e-5, weight: { name, values: new Float32Array(columns).fill(1) } };
}

function generatedConfig(shape: GeneratedShape, blockCount: number): DecoderConfig {
  const { headSize, feedForwardSize } = shape;
  return {
    ...shape,
    architecture: "llama",
    blockCount,
    feedForward: { isGated: true, activation: "silu", size: feedForwardSize },
    norm: { kind: "rms", epsilon: 1e-5 },
    positions: {
      kind: "rotary",
      frequencies: Array.from({ length: headSize / 2 }, (_, i) => 10_000 ** ((-2 * i) / headSize)),
      attentionFactor: 1,
    },
    contextLength: 4096,
    attentionScale: 1 / Math.sqrt(headSize),
    slidingWindows: new Array<number>(blockCount).fill(0),
    isParallel: false,
    isTied: false,
    endTokens: [],
  };
}

/** Places terms one after another in memory that is full of random words, and makes their floats sane. */
class Placer {
  readonly #backend: KernelBackend;
  readonly #memory: BackendBuffer;
  #offset = 0;

  constructor(backend: KernelBackend, memory: BackendBuffer) {
    this.#backend = backend;
    this.#memory = memory;
  }

  linear(name: string, layout: TermLayout, scale: number, roundsActivations = true): LinearLayer {
    const { rows, columns } = layout;
    const offset = this.#offset;
    this.#offset += placedByteLength(layout);
    const place = (): Term => placeTerm(layout, this.#memory.bytes().subarray(offset));
    let term = place();
    if (layout.kind === "dense") wordsToFloats((term as Term<typeof layout>).arrays.values, scale);
    else this.#fillScales(term, scale);
    return {
      name,
      rows,
      columns,
      // Memory of a backend may move; views of where it was then have no bytes left.
      get terms() {
        if (Object.values(term.arrays)[0]!.byteLength === 0) term = place();
        return [term];
      },
      inputTransforms: [],
      outFeatures: rows,
      inFeatures: columns,
      isTransposed: false,
      roundsActivations,
    };
  }

  #fillScales(term: Term, scale: number): void {
    for (const { name, dtype } of termArrays(term.layout)) {
      if (dtype !== "F16") continue;
      const array = (term.arrays as unknown as Readonly<Record<string, Uint8Array>>)[name]!;
      this.#backend.encodeFloats("F16", new Float32Array(array.byteLength / 2).fill(scale), array);
    }
  }
}

/** Random words as f32 from −scale to scale, in place. */
function wordsToFloats(bytes: Uint8Array, scale: number): void {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, words.length);
  const factor = scale / 2 ** 31;
  for (let i = 0; i < words.length; i++) floats[i] = words[i]! * factor;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
