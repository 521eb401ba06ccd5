import type { KernelBackend } from "@lowbit/core/backend";
import { decodedCheckpoint, type LogicalWeight } from "@lowbit/core/layouts";
import { hasValues } from "@lowbit/core/pipeline";
import type { Checkpoint, CheckpointTensor } from "@lowbit/core/safetensors";
import type { WeightSide } from "../protocol/tensor-messages.js";
import { refusal } from "./failure.js";
import type { Lane } from "./lane.js";
import type { LayerRow } from "./model/layer-row.js";
import type { Model } from "./model/model.js";

/** A weight of the file, of a trial or of the other checkpoint: where it is stored. */
export interface StoredWeight {
  /** Unique over models and trials. */
  readonly key: string;
  readonly checkpoint: Checkpoint;
  readonly weight: LogicalWeight;
}

/** The same as values that every analysis reads: quantized ones are decoded block by block. */
export interface WeightView {
  readonly checkpoint: Checkpoint;
  readonly tensor: CheckpointTensor;
}

/** @throws `engine/unknown-weight`, `engine/unknown-trial`, `engine/not-compared` */
export function storedWeight(model: Model, name: string, side: WeightSide): StoredWeight {
  switch (side.kind) {
    case "own": {
      const { weight } = requireRow(model, name);
      return { key: `${model.key}:${name}`, checkpoint: model.checkpoint, weight };
    }
    case "trial": {
      const { checkpoint, weight } = model.trials.get(side.trial);
      if (weight.name !== name) throw unknownWeight(name, `"${side.trial}" is of ${weight.name} and`);
      return { key: `${model.key}:${side.trial}`, checkpoint, weight };
    }
    case "compared": {
      const { comparison } = model;
      if (comparison === undefined) {
        throw refusal(
          "engine/not-compared",
          "No checkpoint is open for comparison.",
          "Choose one on the page Compare.",
        );
      }
      const weight = comparison.weight(name);
      if (weight === undefined) throw unknownWeight(name, comparison.name);
      return { key: `${comparison.key}:${name}`, checkpoint: comparison.sides.other.checkpoint, weight };
    }
  }
}

/**
 * Two sides of a weight whose values stand at the same places: against the other checkpoint, the open model's rows are in
 * the order in which they are compared.
 * @throws as `storedWeight`; `engine/other-row-order`
 */
export function alignedWeights(
  model: Model,
  name: string,
  side: WeightSide,
  against: WeightSide,
): readonly [StoredWeight, StoredWeight] {
  const { comparison } = model;
  const align = (one: WeightSide, other: WeightSide): StoredWeight => {
    const stored = storedWeight(model, name, one);
    if (one.kind === "compared" || other.kind !== "compared") return stored;
    const own = comparison?.ownWeight(name);
    if (comparison === undefined || own === undefined || !comparison.sides.isReordered(own.name)) return stored;
    if (one.kind === "own") {
      return { key: `${comparison.key}:own:${name}`, checkpoint: comparison.sides.own.checkpoint, weight: own };
    }
    throw refusal(
      "engine/other-row-order",
      `The other checkpoint holds the rows of "${shown(name)}" in another order than this file, of which the trial is.`,
      "Compare the trial with this model.",
    );
  };
  return [align(side, against), align(against, side)];
}

/** @throws `engine/unknown-weight` */
export function requireRow(model: Model, name: string): LayerRow {
  const row = model.row(name);
  if (row !== undefined) return row;
  throw unknownWeight(name, "This model");
}

/** @throws `engine/no-values` for integers, booleans and complex numbers */
export function weightView(stored: StoredWeight, lane: Lane, backend: KernelBackend): WeightView {
  const { checkpoint, weight } = stored;
  if (!hasValues(weight)) {
    throw refusal(
      "engine/no-values",
      `"${shown(weight.name)}" is ${weight.dtype}: it has no values that could be drawn.`,
    );
  }
  const courteous = lane.courteous(checkpoint);
  const decoded = weight.kind === "plain" ? courteous : decodedCheckpoint(courteous, backend, [weight]);
  return { checkpoint: decoded, tensor: weight.kind === "plain" ? weight.tensors[0]! : decoded.tensors[0]! };
}

function unknownWeight(name: string, owner: string): Error {
  return refusal("engine/unknown-weight", `${owner} has no weight "${shown(name)}".`);
}

function shown(name: string): string {
  return name.length > 120 ? `${name.slice(0, 120)}…` : name;
}
