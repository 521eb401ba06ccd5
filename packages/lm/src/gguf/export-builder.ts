import type { LogicalWeight } from "@lowbit/core/layouts";
import type { LayerBuilder, LinearOptions } from "../architectures/architecture.js";
import type { NormConfig } from "../model/decoder-config.js";
import type { LinearLayer, NamedVector, NormLayer, WeightMatrix } from "../model/layers.js";
import type { WeightCatalog } from "../model/weight-catalog.js";

/** A weight of a model under the name that its architecture has for it. */
export interface ExportedWeight {
  readonly name: string;
  readonly weight: LogicalWeight;
  readonly isTransposed: boolean;
  readonly isTernarized: boolean;
}

const NO_VALUES = new Float32Array(0);

/** Lists the weights that an architecture asks for, in the order of its layers; loads nothing. */
export class ExportBuilder implements LayerBuilder {
  /** Copies of a tied head and what they must equal. */
  readonly copies: { readonly copy: LogicalWeight; readonly original: LogicalWeight }[] = [];
  readonly #catalog: WeightCatalog;
  #weights: ExportedWeight[] = [];

  readonly #norm: NormConfig;

  constructor(catalog: WeightCatalog, norm: NormConfig) {
    this.#catalog = catalog;
    this.#norm = norm;
  }

  /** The weights since the last call. */
  take(): readonly ExportedWeight[] {
    const weights = this.#weights;
    this.#weights = [];
    return weights;
  }

  matrix(name: string, rows: number, columns: number): WeightMatrix {
    this.#add(name, [rows, columns]);
    return { name, rows, columns, terms: [], inputTransforms: [] };
  }

  linear(module: string, outFeatures: number, inFeatures: number, options: LinearOptions = {}): LinearLayer {
    const { bias = false, isTransposed = false, isTernarized = false, isHead = false, copyName } = options;
    const [rows, columns] = isTransposed ? [inFeatures, outFeatures] : [outFeatures, inFeatures];
    const name = `${module}.weight`;
    if (copyName !== undefined) this.#expectCopy(copyName, name);
    this.#add(name, [rows, columns], isTransposed, isTernarized);
    const layer = { name, rows, columns, terms: [], inputTransforms: [], outFeatures, inFeatures, isTransposed };
    return {
      ...layer,
      roundsActivations: !isHead,
      ...(bias && { bias: this.#vector(`${module}.bias`, outFeatures) }),
    };
  }

  norm(module: string, size: number): NormLayer {
    return {
      ...this.#norm,
      weight: this.#vector(`${module}.weight`, size),
      ...(this.#norm.kind === "layer" && { bias: this.#vector(`${module}.bias`, size) }),
    };
  }

  #vector(name: string, size: number): NamedVector {
    this.#add(name, [size]);
    return { name, values: NO_VALUES };
  }

  #expectCopy(copyName: string, name: string): void {
    const copy = this.#catalog.findAny(copyName);
    const original = this.#catalog.findAny(name);
    if (copy !== undefined && original !== undefined) this.copies.push({ copy, original });
  }

  #add(name: string, shape: readonly number[], isTransposed = false, isTernarized = false): void {
    const weight = this.#catalog.find(name, shape);
    if (weight === undefined) return;
    this.#weights.push({
      name,
      weight,
      isTransposed,
      isTernarized: isTernarized && weight.kind === "plain",
    });
  }
}
