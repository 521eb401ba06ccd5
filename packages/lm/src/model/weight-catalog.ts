import { type Dtype, isFloatDtype } from "@lowbit/core/dtype";
import { LowbitError, showValue } from "@lowbit/core/errors";
import { type LogicalWeight, recogniseWeights } from "@lowbit/core/layouts";
import type { Checkpoint } from "@lowbit/core/safetensors";
import type { DecoderPlan } from "../architectures/architecture.js";

/** Most names that a message lists. */
const MOST_NAMES = 8;

interface WrongShape {
  readonly name: string;
  readonly found: readonly number[];
  readonly expected: readonly number[];
}

/** The weights of a checkpoint under the names of an architecture; keeps what is wrong with them until it is asked. */
export class WeightCatalog {
  readonly #weights: ReadonlyMap<string, LogicalWeight>;
  readonly #name: string;
  readonly #namePrefix: string;
  readonly #used = new Set<string>();
  readonly #missing = new Set<string>();
  readonly #wrongShapes: WrongShape[] = [];
  readonly #wrongDtypes: { readonly name: string; readonly found: string; readonly expected: string }[] = [];

  constructor(checkpoint: Checkpoint, namePrefix: string | undefined) {
    this.#name = checkpoint.name;
    this.#weights = new Map(recogniseWeights(checkpoint).map((weight) => [weight.name, weight]));
    this.#namePrefix = namePrefix ?? "";
  }

  /** The weight of a name, of whatever shape, where there is one. */
  findAny(name: string): LogicalWeight | undefined {
    const weight = this.#weights.get(name) ?? this.#withoutPrefix(name);
    if (weight !== undefined) this.#used.add(weight.name);
    return weight;
  }

  /** The matrix or vector of a name and shape; undefined where there is none that fits. */
  find(name: string, shape: readonly number[]): LogicalWeight | undefined {
    const weight = this.findAny(name);
    if (weight === undefined) {
      this.#missing.add(name);
      return undefined;
    }
    if (weight.shape.length !== shape.length || weight.shape.some((size, axis) => size !== shape[axis])) {
      this.#wrongShapes.push({ name: weight.name, found: weight.shape, expected: shape });
      return undefined;
    }
    const expected = shape.length === 1 ? "plain floats" : "floats or terms";
    if (weight.kind === "plain" ? !isFloatDtype(weight.dtype) : shape.length === 1) {
      this.#wrongDtypes.push({ name: weight.name, found: dtypeText(weight), expected });
      return undefined;
    }
    return weight;
  }

  /**
   * @throws `model/missing-tensors`, `model/extra-tensors`, `model/tensor-shape`, `model/tensor-dtype` when the parts that were
   * built so far do not use the checkpoint exactly.
   */
  check({ unusedTensors, config }: DecoderPlan): void {
    const extra = [...this.#weights.keys()].filter(
      (name) => !this.#used.has(name) && !unusedTensors.some((pattern) => pattern.test(name)),
    );
    if (this.#missing.size > 0)
      throw this.#nameError("model/missing-tensors", "lacks", [...this.#missing], config.architecture);
    if (extra.length > 0) throw this.#nameError("model/extra-tensors", "has", extra, config.architecture);
    const [shape] = this.#wrongShapes;
    if (shape !== undefined) {
      const { name: tensor, found, expected } = shape;
      throw new LowbitError(
        "model/tensor-shape",
        `${this.#name}: tensor ${showValue(tensor)} is [${found.join(", ")}]; config.json asks for [${expected.join(", ")}].`,
        { model: this.#name, tensor, found, expected },
      );
    }
    const [dtype] = this.#wrongDtypes;
    if (dtype !== undefined) {
      const { name: tensor, found, expected } = dtype;
      throw new LowbitError(
        "model/tensor-dtype",
        `${this.#name}: tensor ${showValue(tensor)} is ${found}; allowed: ${expected}.`,
        { model: this.#name, tensor, found, expected },
      );
    }
  }

  #withoutPrefix(name: string): LogicalWeight | undefined {
    return name.startsWith(this.#namePrefix) ? this.#weights.get(name.slice(this.#namePrefix.length)) : undefined;
  }

  #nameError(
    code: "model/missing-tensors" | "model/extra-tensors",
    verb: string,
    names: readonly string[],
    architecture: string,
  ): LowbitError {
    const listed = names.slice(0, MOST_NAMES).map((name) => showValue(name));
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
    const of =
      code === "model/missing-tensors"
        ? `of its ${architecture} config`
        : `that no layer of its ${architecture} config uses`;
    return new LowbitError(
      code,
      `${this.#name}: ${verb} ${names.length} ${names.length === 1 ? "tensor" : "tensors"} ${of}: ${listed.join(", ")}${more}.`,
      { model: this.#name, architecture, count: names.length, tensors: names.slice(0, MOST_NAMES) },
    );
  }
}

function dtypeText(weight: LogicalWeight): Dtype | "quantized" {
  return weight.kind === "plain" ? weight.dtype : "quantized";
}
