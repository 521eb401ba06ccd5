import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Fingerprint } from "../pipeline/journal.js";
import type { PlanSettings } from "../pipeline/plan.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { filesDirectory } from "./output-paths.js";

/** What the bytes of an output depend on; threads, memory and backend are not among it. */
export interface FingerprintParts {
  readonly lowbitVersion: string;
  readonly input: string;
  readonly checkpoint: Checkpoint;
  /** Everything that was decided, in words short enough for a message; and in full. */
  readonly settings: string;
  readonly decisions: unknown;
  readonly files: readonly { readonly name: string; readonly header: Uint8Array; readonly byteLength: number }[];
}

export async function makeFingerprint(parts: FingerprintParts): Promise<Fingerprint> {
  const { checkpoint, files } = parts;
  const directory = await filesDirectory(parts.input);
  const stats = await Promise.all(checkpoint.shards.map((shard) => stat(join(directory, shard))));
  const layout = createHash("sha256");
  for (const { name, header, byteLength } of files) layout.update(`${name}\n${byteLength}\n`).update(header);
  return {
    "lowbit version": parts.lowbitVersion,
    settings: parts.settings,
    decisions: digest(JSON.stringify(parts.decisions)),
    "input tensors": digest(
      JSON.stringify(checkpoint.tensors.map((t) => [t.name, t.dtype, t.shape, t.shard, t.byteOffset])),
    ),
    "input files": digest(
      JSON.stringify(stats.map(({ size, mtimeMs }, index) => [checkpoint.shards[index], size, mtimeMs])),
    ),
    "output files": layout.digest("hex").slice(0, 16),
  };
}

/** For the message when another run does not fit: the default method and where the exceptions come from. */
export function settingsText({ method, options, rules }: PlanSettings): string {
  return [`${method} ${JSON.stringify(options)}`, ...rules.map(({ origin }) => origin)].join(", ");
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
