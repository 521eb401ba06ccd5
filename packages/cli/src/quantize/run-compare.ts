import type { BackendName } from "@lowbit/core/backend";
import { type Comparison, compareCheckpoints } from "@lowbit/core/node";
import type { ProgressListener } from "@lowbit/core/pipeline";
import { backendModule } from "../backend-choice.js";
import { tensorMatcher, unmatchedGlob } from "../tensor-glob.js";

/** `lowbit compare` without its command line. */
export interface CompareRequest {
  readonly left: string;
  readonly right: string;
  /** Only weights that match. */
  readonly tensor?: string;
  /** Largest relative error that still counts as equal, 0 or more. */
  readonly tolerance: number;
  readonly backend?: BackendName;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

export interface CompareAnswer extends Comparison {
  /** True where the structure differs, a weight exceeds the tolerance, or other tensors differ. */
  readonly differs: boolean;
  /** Names of the weights beyond the tolerance. */
  readonly beyondTolerance: readonly string[];
}

export async function runCompare({ tensor, tolerance, backend, ...rest }: CompareRequest): Promise<CompareAnswer> {
  const comparison = await compareCheckpoints({
    ...rest,
    ...(tensor !== undefined && { matches: tensorMatcher(tensor) }),
    backend: backendModule(backend),
  });
  const { structure, weights, otherTensors } = comparison;
  if (tensor !== undefined && structure.length + weights.length + otherTensors.length === 0) {
    throw unmatchedGlob(tensor);
  }
  const beyondTolerance = comparison.weights
    .filter(({ error, nonFiniteCount }) => !(error.relativeError <= tolerance) || nonFiniteCount > 0)
    .map(({ name }) => name);
  const differs =
    comparison.structure.length > 0 ||
    beyondTolerance.length > 0 ||
    comparison.otherTensors.some(({ equal }) => !equal);
  return { ...comparison, differs, beyondTolerance };
}
