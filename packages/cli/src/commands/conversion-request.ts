import type { BackendName } from "@lowbit/core/backend";
import type { BlockEncoder } from "@lowbit/core/pipeline";
import type { ConvertRequest } from "../convert/run-convert.js";

/** What the options of an output in another program's layout say, as commander gives them. */
export interface LayoutFlags {
  readonly encoder?: BlockEncoder;
  readonly importance?: string;
  readonly tensorType?: readonly string[];
  readonly pure?: boolean;
  readonly embeddingType?: string;
  readonly outputType?: string;
  readonly pre?: string;
}

/** What those of the run say. */
export interface RunFlags {
  readonly threads: number;
  readonly backend?: BackendName;
  readonly maxShardSize?: number;
  readonly maxMemory?: number;
  readonly resume?: boolean;
  readonly force?: boolean;
}

/** The request of a command line, but for what each command decides itself. */
export function conversionRequest(
  input: string,
  output: string,
  to: string,
  flags: LayoutFlags & RunFlags,
): Omit<ConvertRequest, "allowRequantize" | "measuresErrors"> {
  const { encoder, importance, embeddingType, outputType, pre, backend, maxShardSize, maxMemory } = flags;
  return {
    input,
    output,
    to,
    tensorTypes: flags.tensorType ?? [],
    isPure: flags.pure ?? false,
    threads: flags.threads,
    resume: flags.resume ?? false,
    force: flags.force ?? false,
    ...(encoder !== undefined && { encoder }),
    ...(importance !== undefined && { importance }),
    ...(embeddingType !== undefined && { embeddingType }),
    ...(outputType !== undefined && { outputType }),
    ...(pre !== undefined && { pre }),
    ...(backend !== undefined && { backend }),
    ...(maxShardSize !== undefined && { maxShardBytes: maxShardSize }),
    ...(maxMemory !== undefined && { maxMemoryBytes: maxMemory }),
  };
}
