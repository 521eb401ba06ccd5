import { rm } from "node:fs/promises";
import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { isResumable, openCheckpoint } from "@lowbit/core/node";
import type { ModelSource, RotationSite } from "@lowbit/lm";
import { describeTransforms, openModel, TRANSFORM_METADATA_KEY, transformCheckpoint } from "@lowbit/lm/node";

export interface RotatedInput {
  readonly input: string;
  /** Where the rotated model lies while the run lasts. */
  readonly path: string;
  readonly sites: readonly RotationSite[];
  readonly seed: number;
  /** Take the rotated model of the unfinished run. */
  readonly resume: boolean;
  /** Replace the one of an earlier run. */
  readonly force: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Opens a model with rotations merged into it, as a checkpoint of its own: methods, kept tensors and errors are then those of
 * any plain model. It is removed at the end, and kept where the run can be resumed.
 * @throws `pipeline/resume-mismatch`, `pipeline/output-exists`, and what `transformCheckpoint` and `use` throw
 */
export async function withRotatedInput<T>(
  options: RotatedInput,
  backend: KernelBackend,
  use: (source: ModelSource) => Promise<T>,
): Promise<T> {
  const { path } = options;
  await rotate(options, backend);
  let isKept = false;
  try {
    const source = await openModel(path, backend);
    try {
      return await use(source);
    } finally {
      await source.close();
    }
  } catch (error) {
    isKept = isResumable(error);
    throw error;
  } finally {
    if (!isKept) await rm(path, { recursive: true, force: true });
  }
}

async function rotate(
  { input, path, sites, seed, resume, force, signal }: RotatedInput,
  backend: KernelBackend,
): Promise<void> {
  const source = await openModel(input, backend);
  try {
    const settings = { rotate: sites, seed };
    const earlier = resume ? await transformOf(path) : undefined;
    if (earlier === undefined) {
      await transformCheckpoint(source, backend, {
        input,
        output: path,
        settings,
        keepsOthers: true,
        // A run that was killed while it rotated left half a model: rotating starts again.
        force: force || resume,
        ...(signal !== undefined && { signal }),
      });
      return;
    }
    const expected = describeTransforms(settings, await source.fingerprint());
    if (earlier === expected) return;
    throw new LowbitError(
      "pipeline/resume-mismatch",
      `The unfinished output differs from this run: ${path} is "${earlier}", is now "${expected}".`,
      { differing: ["transform"] },
    );
  } finally {
    await source.close();
  }
}

/** What a checkpoint states that was merged into it; undefined where there is none. */
async function transformOf(path: string): Promise<string | undefined> {
  try {
    const checkpoint = await openCheckpoint(path);
    const [metadata = {}] = [...checkpoint.metadata.values()];
    await checkpoint.close();
    return metadata[TRANSFORM_METADATA_KEY] ?? "no rotated model";
  } catch {
    return undefined;
  }
}
