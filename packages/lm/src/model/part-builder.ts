import type { KernelBackend } from "@lowbit/core/backend";
import type { PlainWeight } from "@lowbit/core/layouts";
import type { Checkpoint } from "@lowbit/core/safetensors";
import type { LayerBuilder, LinearOptions } from "../architectures/architecture.js";
import type { NormConfig } from "./decoder-config.js";
import type { LinearLayer, NamedVector, NormLayer, WeightMatrix } from "./layers.js";
import { PartMemory } from "./part-memory.js";
import { plainTerm, plainVector } from "./plain-weight.js";
import { packedWeight } from "./quantized-terms.js";
import { ternarizedTerm } from "./ternarized-weight.js";
import { checkTiedHead } from "./tied-head.js";
import type { WeightCatalog } from "./weight-catalog.js";
import type { WeightFill } from "./weight-fill.js";

export interface PartContext {
  readonly catalog: WeightCatalog;
  readonly checkpoint: Checkpoint;
  readonly backend: KernelBackend;
  readonly norm: NormConfig;
}

/** Makes the layers of one part: all of their memory is reserved while they are made, and filled by `load`. */
export class PartBuilder implements LayerBuilder {
  readonly memory: PartMemory = new PartMemory();
  readonly #context: PartContext;
  readonly #fills: WeightFill[] = [];
  /** By name: a tied matrix is one matrix. */
  readonly #matrices = new Map<string, WeightMatrix>();

  constructor(context: PartContext) {
    this.#context = context;
  }

  matrix(name: string, rows: number, columns: number, isTernarized = false): WeightMatrix {
    const known = this.#matrices.get(name);
    if (known !== undefined) return known;
    const matrix = { name, rows, columns, ...this.#terms(name, rows, columns, isTernarized) };
    this.#matrices.set(name, matrix);
    return matrix;
  }

  linear(module: string, outFeatures: number, inFeatures: number, options: LinearOptions = {}): LinearLayer {
    const { bias = false, isTransposed = false, isTernarized = false, isHead = false, copyName } = options;
    const [rows, columns] = isTransposed ? [inFeatures, outFeatures] : [outFeatures, inFeatures];
    if (copyName !== undefined) this.#expectCopy(copyName, `${module}.weight`);
    return {
      ...this.matrix(`${module}.weight`, rows, columns, isTernarized),
      outFeatures,
      inFeatures,
      isTransposed,
      roundsActivations: !isHead,
      ...(bias && { bias: this.#vector(`${module}.bias`, outFeatures) }),
    };
  }

  norm(module: string, size: number): NormLayer {
    const { kind, epsilon } = this.#context.norm;
    return {
      kind,
      epsilon,
      weight: this.#vector(`${module}.weight`, size),
      ...(kind === "layer" && { bias: this.#vector(`${module}.bias`, size) }),
    };
  }

  /** Reads all weights of the layers made so far into memory of the backend. */
  async load(): Promise<void> {
    this.memory.allocate(this.#context.backend);
    try {
      for (const fill of this.#fills) await fill();
    } catch (error) {
      this.memory.release();
      throw error;
    }
  }

  #expectCopy(copyName: string, name: string): void {
    const { catalog, checkpoint, backend } = this.#context;
    const copy = catalog.findAny(copyName);
    const original = catalog.findAny(name);
    if (copy === undefined || original === undefined) return;
    this.#fills.push(() => checkTiedHead(copy, original, checkpoint, backend));
  }

  #terms(
    name: string,
    rows: number,
    columns: number,
    isTernarized: boolean,
  ): Pick<WeightMatrix, "terms" | "inputTransforms"> {
    const weight = this.#context.catalog.find(name, [rows, columns]);
    if (weight === undefined) return { terms: [], inputTransforms: [] };
    if (weight.kind === "quantized") {
      const { fill, ...packed } = packedWeight(weight, this.memory);
      this.#fills.push(fill);
      return packed;
    }
    const makeTerm = isTernarized ? ternarizedTerm : plainTerm;
    const { term, fill } = makeTerm(weight, rows, columns, this.memory, this.#context);
    this.#fills.push(fill);
    return { terms: [term], inputTransforms: [] };
  }

  #vector(name: string, size: number): NamedVector {
    const weight = this.#context.catalog.find(name, [size]) as PlainWeight | undefined;
    // The check of all names and shapes refuses it before its values are asked for.
    if (weight === undefined) return { name, values: new Float32Array(0) };
    const { values, fill } = plainVector(weight, size, this.memory, this.#context);
    this.#fills.push(fill);
    return {
      name,
      get values() {
        return values();
      },
    };
  }
}
