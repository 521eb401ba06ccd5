import { describeBlock } from "./block-description.js";
import type { LanguageModel, Loaded, ModelSource } from "./language-model.js";

/** The parts of a model one at a time, whether they are in memory or loaded when asked for. */
export type PartAccess = Pick<
  ModelSource,
  "name" | "config" | "describeBlock" | "loadEmbedding" | "loadBlock" | "loadHead"
>;

/** Parts of a model in memory are shared: releasing them does nothing. */
export function partAccess(model: LanguageModel | ModelSource): PartAccess {
  if ("loadBlock" in model) return model;
  const { name, config, embedding, blocks, head } = model;
  return {
    name,
    config,
    describeBlock: (index) => describeBlock(blocks[index]!, 0),
    loadEmbedding: async () => shared(embedding),
    loadBlock: async (index) => shared(blocks[index]!),
    loadHead: async () => shared(head),
  };
}

function shared<T>(part: T): Loaded<T> {
  return { part, byteLength: 0, release: () => {} };
}

/** Loads a part, uses it and releases it. */
export async function withPart<T, R>(loading: Promise<Loaded<T>>, use: (part: T) => R): Promise<R> {
  const loaded = await loading;
  try {
    return use(loaded.part);
  } finally {
    loaded.release();
  }
}
