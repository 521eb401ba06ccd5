import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { LayoutWriter } from "../../layouts/layout-writer.js";
import type { ProgressListener } from "../../pipeline/progress.js";
import type { Checkpoint } from "../../safetensors/checkpoint.js";
import type { SideFiles } from "../side-files.js";

export type PlainTargetDtype = "F16" | "BF16" | "F32";

/** What the weights of a safetensors checkpoint become. */
export type CheckpointTarget =
  /** Plain values; without `dtype` every quantized weight gets the dtype of its original. */
  | { readonly kind: "plain"; readonly dtype?: PlainTargetDtype }
  | { readonly kind: "lowbit" }
  /** @param type one of the writer's */
  | { readonly kind: "writer"; readonly writer: LayoutWriter; readonly type?: string };

export interface CheckpointConversion {
  /** Its path, for the check that the output does not lie in it. */
  readonly input: string;
  readonly checkpoint: Checkpoint;
  /** A new directory, or a new .safetensors file. */
  readonly output: string;
  readonly target: CheckpointTarget;
  /** As `--to` names it. */
  readonly targetName: string;
  /** Weights that do not fit, and plain ones where the input is not quantized, are rounded to nearest. */
  readonly allowRequantize: boolean;
  /** Names that stay as they are. */
  readonly keeps?: (name: string) => boolean;
  /** Weights that are stored [inFeatures, outFeatures] in the output and [outFeatures, inFeatures] in the input. */
  readonly transposes?: (name: string) => boolean;
  /** Weights of which the input says nothing because the output needs them: absent for all. */
  readonly measuresErrors: boolean;
  /** Files beside the weights, config.json among them. */
  readonly sideFiles?: SideFiles;
  /** Further files of the output by name, as text. */
  readonly files?: ReadonlyMap<string, string>;
  readonly maxShardBytes?: number;
  readonly force?: boolean;
  readonly backend: KernelBackend;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}
