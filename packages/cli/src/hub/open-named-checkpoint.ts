import { findHubModel, isHubReference, openCheckpoint } from "@lowbit/core/node";
import type { Checkpoint } from "@lowbit/core/safetensors";

/** Opens a path, or a model of the Hub by the headers of its files. */
export async function openNamedCheckpoint(path: string): Promise<Checkpoint> {
  return isHubReference(path) ? (await findHubModel(path)).openCheckpoint() : openCheckpoint(path);
}
