import { isLowbitError } from "@lowbit/core/errors";
import { isGgufCheckpoint } from "@lowbit/core/gguf";
import { type LogicalWeight, recogniseWeights } from "@lowbit/core/layouts";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { type HuggingFaceView, huggingFaceView, isTransposedInDirectory } from "@lowbit/lm";

/** A checkpoint as it is compared. */
export interface ComparedSide {
  readonly checkpoint: Checkpoint;
  readonly weights: readonly LogicalWeight[];
}

/** Two checkpoints under names of one kind. */
export interface ComparableSides {
  readonly own: ComparedSide;
  readonly other: ComparedSide;
  /** The side that is a GGUF file seen under Hugging Face's names, rows in its order; absent where both stand as they are. */
  readonly viewed?: "own" | "other";
  /** Why a GGUF file could not be seen so. */
  readonly reason?: string;
  /** The open model's name of a weight that goes by `name` here. */
  ownName(name: string): string;
  /** Rows of the own weight stand in another order here than in its file. */
  isReordered(name: string): boolean;
  /** The side that is not viewed holds the weight transposed, [inFeatures, outFeatures] (GPT-2). */
  isTransposed(name: string): boolean;
}

/**
 * Exactly one of the two is GGUF: it is seen as the model that it was made of, for no name of it is one of Hugging Face's.
 * Closing the other side's checkpoint closes its file.
 * @throws what recognising weights throws
 */
export async function comparableSides(own: ComparedSide, other: Checkpoint): Promise<ComparableSides> {
  const asTheyAre = { ownName: (name: string) => name, isReordered: () => false, isTransposed: () => false };
  const otherSide = (checkpoint: Checkpoint): ComparedSide => ({ checkpoint, weights: recogniseWeights(checkpoint) });
  const isOwn = isGgufCheckpoint(own.checkpoint);
  if (isOwn === isGgufCheckpoint(other)) return { own, other: otherSide(other), ...asTheyAre };
  const view = await viewOf(isOwn ? own.checkpoint : other);
  if (typeof view === "string") return { own, other: otherSide(other), reason: view, ...asTheyAre };
  const plain = isOwn ? other : own.checkpoint;
  // What config.json says of matrices that lie as the view has them, and not as Hugging Face writes them.
  const { linear_weights: order } = (plain.config?.["lowbit"] ?? {}) as { readonly linear_weights?: unknown };
  const isTransposed = (name: string): boolean => order !== "out-in" && isTransposedInDirectory(view, name);
  if (!isOwn) return { own, other: otherSide(view.checkpoint), viewed: "other", ...asTheyAre, isTransposed };
  return {
    own: otherSide(view.checkpoint),
    other: otherSide(other),
    viewed: "own",
    ownName: (name) => view.original(name)?.name ?? name,
    isReordered: (name) => view.original(name)?.isReordered === true,
    isTransposed,
  };
}

/** The view, or why there is none: an architecture that is not known, a key that is missing. */
async function viewOf(checkpoint: Checkpoint): Promise<HuggingFaceView | string> {
  try {
    return await huggingFaceView(checkpoint as Parameters<typeof huggingFaceView>[0]);
  } catch (error) {
    if (!isLowbitError(error) || !error.code.startsWith("model/")) throw error;
    return error.message;
  }
}
