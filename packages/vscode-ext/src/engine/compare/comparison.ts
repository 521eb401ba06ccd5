import type { LogicalWeight } from "@lowbit/core/layouts";
import {
  type ComparedWeight,
  type ErrorSums,
  joinErrors,
  NO_ERROR,
  pairWeights,
  type StructureDifference,
  type WeightPair,
} from "@lowbit/core/pipeline";
import type { StructureDifferenceLine } from "../../protocol/compare-messages.js";
import { layerRows } from "../model/layer-row.js";
import type { Model } from "../model/model.js";
import type { ModelFiles } from "../model/model-files.js";
import { openFiles } from "../model/open-files.js";
import { type SkylineGroup, skylineGroups } from "../overview/skyline.js";
import { type ComparableSides, comparableSides } from "./comparable-names.js";

export interface MeasuredPair {
  readonly weight: ComparedWeight;
  readonly sums: ErrorSums;
}

/** A weight of both checkpoints, left the open model's, with the name that it has there. */
export interface NamedPair extends WeightPair {
  readonly name: string;
  /** Real numbers, whose error is measured; others are equal or not. */
  readonly hasValues: boolean;
}

/** The other checkpoint with what was measured against it. Names are those of the open model. */
export interface Comparison {
  readonly key: string;
  /** As it was asked for, and the state of its files then. */
  readonly path: string;
  readonly version: string;
  readonly name: string;
  readonly sides: ComparableSides;
  /** Of the other checkpoint. */
  weight(name: string): LogicalWeight | undefined;
  /** Of the open model, as it is compared. */
  ownWeight(name: string): LogicalWeight | undefined;
  readonly pairs: readonly NamedPair[];
  readonly differences: readonly StructureDifferenceLine[];
  /** The side that errors are measured against. */
  readonly reference: "left" | "right";
  readonly measured: Map<string, MeasuredPair>;
  /** Whether pairs without values are equal. */
  readonly equal: Map<string, boolean>;
  /** Names of the open model's weights in the columns of its skyline. */
  readonly columns: readonly SkylineGroup<{ readonly name: string }>[];
}

let opened = 0;

/** @throws what opening a checkpoint and recognising its weights throw */
export async function openComparison(
  model: Model,
  path: string,
  files: ModelFiles,
  signal: AbortSignal,
): Promise<Comparison> {
  const version = await files.version();
  const checkpoint = await openFiles(files, signal);
  try {
    const own = { checkpoint: model.checkpoint, weights: model.rows.map(({ weight }) => weight) };
    const sides = await comparableSides(own, checkpoint);
    const byName = (weights: readonly LogicalWeight[]) =>
      new Map(weights.map((weight) => [sides.ownName(weight.name), weight]));
    const others = byName(sides.other.weights);
    const owns = byName(sides.own.weights);
    const ownBits = meanBits(model.rows);
    const otherBits = meanBits(layerRows(sides.other.weights));
    opened += 1;
    return {
      key: `other ${opened}`,
      path,
      version,
      name: files.name,
      sides,
      weight: (name) => others.get(name),
      ownWeight: (name) => owns.get(name),
      ...structureOf(sides),
      reference: ownBits > otherBits ? "left" : "right",
      measured: new Map(),
      equal: new Map(),
      columns: skylineGroups(model.rows),
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

function structureOf(sides: ComparableSides): Pick<Comparison, "pairs" | "differences"> {
  const { own, other, ownName } = sides;
  const { pairs, otherPairs, differences } = pairWeights(own.weights, other.weights);
  // A square matrix has the same shape either way round.
  const transposed = pairs.filter(({ left }) => sides.isTransposed(left.name));
  const leftOut = new Set(transposed);
  const found = new Map<LogicalWeight, NamedPair>();
  const add = (pair: WeightPair, hasValues: boolean): void =>
    void found.set(pair.left, { ...pair, name: ownName(pair.left.name), hasValues });
  for (const pair of pairs) if (!leftOut.has(pair)) add(pair, true);
  for (const pair of otherPairs) add(pair, false);
  return {
    pairs: own.weights.flatMap((weight) => found.get(weight) ?? []),
    differences: [
      ...differences.map((difference) => differenceLine(difference, ownName)),
      ...transposed.map((pair) => transposedLine(pair, sides)),
    ],
  };
}

function transposedLine({ left }: WeightPair, { ownName, viewed }: ComparableSides): StructureDifferenceLine {
  const shape = left.shape.join("×");
  const transposed = `${shape}, transposed`;
  const [own, other] = viewed === "own" ? [shape, transposed] : [transposed, shape];
  return { kind: "shape", weight: ownName(left.name), left: own, right: other };
}

function differenceLine(difference: StructureDifference, ownName: (name: string) => string): StructureDifferenceLine {
  const { kind } = difference;
  const weight = kind === "only-right" ? difference.weight : ownName(difference.weight);
  switch (kind) {
    case "shape":
      return { kind, weight, left: difference.left.join("×"), right: difference.right.join("×") };
    case "dtype":
      return { kind, weight, left: difference.left, right: difference.right };
    default:
      return { kind, weight };
  }
}

/** The sums of some pairs, those that were measured. */
export function joinMeasured(
  comparison: Comparison,
  names: Iterable<string>,
): { readonly sums: ErrorSums; readonly count: number } {
  let sums = NO_ERROR;
  let count = 0;
  for (const name of names) {
    const pair = comparison.measured.get(name);
    if (pair === undefined) continue;
    sums = joinErrors(sums, pair.sums);
    count += 1;
  }
  return { sums, count };
}

function meanBits(rows: readonly { readonly bytes: number; readonly parameters: number }[]): number {
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const parameters = rows.reduce((sum, row) => sum + row.parameters, 0);
  return parameters === 0 ? 0 : (bytes * 8) / parameters;
}
