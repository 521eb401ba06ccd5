import type { TensorRule } from "@lowbit/core/pipeline";
import type { ModelSource } from "../../model/language-model.js";
import type { ResolvedCandidate } from "./candidate.js";
import { type Assignment, chooseAssignment } from "./choose-assignment.js";
import type { CandidateFigures, MeasuredLayer } from "./measure-layer.js";

/** What was chosen for a layer. */
export interface ChosenLayer extends CandidateFigures {
  /** Name of the weight. */
  readonly name: string;
  readonly weights: number;
  readonly candidate: ResolvedCandidate;
}

/** Layers with their candidates, chosen so that the predicted costs are lowest within a target. */
export interface TargetPlan {
  readonly targetBitsPerWeight: number;
  /** Of the costs: nats a token, or relative output errors of layers. */
  readonly unit: MeasuredLayer["unit"];
  readonly assignment: Assignment;
  /** In the order of the forward pass. */
  readonly layers: readonly ChosenLayer[];
  /** Candidates that could not be used for some layers, with the number of these and one reason. */
  readonly failures: readonly CandidateFailures[];
}

export interface CandidateFailures {
  readonly label: string;
  readonly layers: number;
  readonly code: string;
  readonly message: string;
}

/** @throws `quantize/target-out-of-reach` */
export function planTarget(
  measured: readonly MeasuredLayer[],
  candidates: ReadonlyMap<string, readonly ResolvedCandidate[]>,
  targetBitsPerWeight: number,
): TargetPlan {
  const usable = measured.map(({ name, weights, figures }) => {
    const choices = candidates.get(name)!.flatMap((candidate) => {
      const found = figures[candidate.label]!;
      return "cost" in found && Number.isFinite(found.cost) ? [{ ...found, candidate }] : [];
    });
    return { name, weights, choices };
  });
  const assignment = chooseAssignment(usable, targetBitsPerWeight);
  const layers = usable.map(({ name, weights, choices }, layer): ChosenLayer => {
    return { name, weights, ...choices[assignment.chosen[layer]!]! };
  });
  return {
    targetBitsPerWeight,
    unit: measured.every(({ unit }) => unit === "loss") ? "loss" : "relative-error",
    assignment,
    layers,
    failures: failuresOf(measured),
  };
}

/** Rules of a plan that give every layer what was chosen for it. */
export function targetRules({ targetBitsPerWeight, layers }: TargetPlan, source: ModelSource): TensorRule[] {
  return layers.map(({ name, candidate: { label, method, options } }) => {
    const tensor = source.tensorName(name);
    return {
      origin: `target ${targetBitsPerWeight}: ${label}`,
      matches: (other) => other === tensor,
      action: { kind: "quantize", method, options },
    };
  });
}

function failuresOf(measured: readonly MeasuredLayer[]): CandidateFailures[] {
  const failures = new Map<string, CandidateFailures>();
  for (const { figures } of measured) {
    for (const [label, found] of Object.entries(figures)) {
      if ("cost" in found) continue;
      failures.set(label, { label, ...found, layers: (failures.get(label)?.layers ?? 0) + 1 });
    }
  }
  return [...failures.values()];
}
