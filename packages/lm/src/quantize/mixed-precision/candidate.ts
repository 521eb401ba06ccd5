import { LowbitError } from "@lowbit/core/errors";
import { type MethodTable, methodNamed, resolveOptions, type StatisticKind } from "@lowbit/core/quantizers";
import type { LayerChoice } from "../layer-choice.js";

/** A method with options, as a line of a recipe has it. */
export interface Candidate {
  readonly method: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** A candidate that was looked up. */
export interface ResolvedCandidate extends Candidate {
  /** As rules are written: "gptq:bits=3,group=64". */
  readonly label: string;
  readonly choice: LayerChoice;
}

/**
 * Looks candidates up. Those that stand twice count once.
 * @throws `options/unknown-method`, `options/…`, `quantize/no-candidates`
 */
export function resolveCandidates(
  candidates: readonly Candidate[],
  methods: MethodTable,
): readonly ResolvedCandidate[] {
  if (candidates.length === 0) {
    throw new LowbitError("quantize/no-candidates", "The list of candidates is empty; it needs at least 1.", {});
  }
  const byLabel = new Map(
    candidates.map((candidate) => {
      const { method: name, options: given } = candidate;
      const method = methodNamed(name, methods);
      const label = candidateLabel(candidate);
      return [label, { ...candidate, label, choice: { method, options: resolveOptions(method, given) } }] as const;
    }),
  );
  return [...byLabel.values()];
}

function candidateLabel({ method, options }: Candidate): string {
  const given = Object.entries(options).map(([key, value]) => `${key}=${value}`);
  return given.length === 0 ? method : `${method}:${given.join(",")}`;
}

/** Statistics that a candidate reads. */
export function candidateNeeds({ choice: { method, options } }: ResolvedCandidate): readonly StatisticKind[] {
  return "quantizeLayer" in method ? method.needs(options) : [];
}
