import type { KernelBackend } from "../backend/kernel-backend.js";
import type { Quantizer } from "../quantizers/quantizer.js";
import type { TensorReader } from "../safetensors/checkpoint.js";
import type { OutputWriter } from "./output-writer.js";
import type { WeightCatalog } from "./weight-catalog.js";
import type { Workspace } from "./workspace.js";

/** The methods by name; the whole table or those that an application wants. */
export type QuantizerTable = Readonly<Record<string, Quantizer>>;

/** What a chunk is computed with. One per worker. */
export interface ChunkEnvironment {
  readonly checkpoint: TensorReader;
  /** Whether the next block is to be read while one is computed: not where reads block the thread. */
  readonly readsAhead: boolean;
  /** Logical weights of the input, where they are read as such; the left side of a comparison. */
  readonly weights?: WeightCatalog;
  /** Right side of a comparison. */
  readonly otherWeights?: WeightCatalog;
  /** Absent where nothing is written. */
  readonly writer?: OutputWriter;
  readonly backend: KernelBackend;
  readonly quantizers: QuantizerTable;
  readonly workspace: Workspace;
  /** Awaited before every block: lets other work have a turn where it shares the thread. */
  readonly pause?: () => Promise<void>;
  /** Asked before every block; throws `pipeline/aborted` when the run was cancelled. */
  throwIfAborted(): void;
}
