import type { LinearLayer, NamedVector, WeightMatrix } from "../model/layers.js";

/**
 * What a parameter is: `linear` the matrix of a linear layer of a block, `head` the output matrix, `embedding` the table of
 * tokens (the sum of both uses where the head is tied to it), `positions` the table of positions, `bias` of a linear layer,
 * `norm` the weight or bias of a norm.
 */
export type ParameterKind = "linear" | "head" | "embedding" | "positions" | "bias" | "norm";

export interface Parameter {
  /** Name in the checkpoint. */
  readonly name: string;
  readonly kind: ParameterKind;
  /** As in the checkpoint: [outFeatures, inFeatures], or [inFeatures, outFeatures] of transposed layers. */
  readonly shape: readonly number[];
}

/** Where the backward pass leaves gradients of parameters. */
export interface ParameterGradients {
  wants(parameter: Parameter): boolean;
  /** `add` adds to an array of the parameter's size; it is called at once, and only for parameters that are wanted. */
  accept(parameter: Parameter, add: (target: Float32Array) => void): void;
}

/** For passes that need gradients of activations alone. */
export const NO_PARAMETERS: ParameterGradients = { wants: () => false, accept: () => {} };

/** The matrix of any linear layer; who runs the head calls it `head` afterwards. */
export function linearParameter({ name, rows, columns }: LinearLayer): Parameter {
  return { name, kind: "linear", shape: [rows, columns] };
}

export function vectorParameter(kind: "bias" | "norm", { name, values }: NamedVector): Parameter {
  return { name, kind, shape: [values.length] };
}

export function tableParameter(kind: "embedding" | "positions", { name, rows, columns }: WeightMatrix): Parameter {
  return { name, kind, shape: [rows, columns] };
}
