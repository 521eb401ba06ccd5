import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { LowbitError } from "@lowbit/core/errors";
import { type GgufMetadata, type GgufValue, isGgufCheckpoint } from "@lowbit/core/gguf";
import { openCheckpoint } from "@lowbit/core/node";
import type { GgufExportTensor } from "../../gguf/gguf-export.js";
import { parseImatrixDat } from "./imatrix-dat.js";
import { readImatrixGguf } from "./imatrix-gguf.js";
import { statisticsMoments } from "./statistics-moments.js";

/** Second moments of the inputs of one tensor. */
export interface ImportanceEntry {
  /** [matrices, columns] */
  readonly values: Float32Array;
  /** Experts that are stored as one tensor. */
  readonly matrices: number;
}

export interface ImportanceFile {
  /** By name of the tensor in a GGUF file. */
  readonly entries: ReadonlyMap<string, ImportanceEntry>;
  readonly chunks: number;
  /** Names of the texts. */
  readonly datasets: readonly string[];
}

/** Second moments of input features, by tensor of a GGUF file. */
export interface Importance {
  /** [columns]; undefined where the file has none. @throws `convert/importance-size` */
  of(tensor: Pick<GgufExportTensor, "name" | "shape">): Float32Array | undefined;
  /** Keys of a GGUF file that say where its scales come from. */
  readonly metadata: GgufMetadata;
}

/** Largest old importance matrix. */
const MOST_BYTES = 2 ** 30;

/**
 * Opens an importance file: llama.cpp's imatrix (.dat or .gguf), or statistics of `lowbit calibrate` with mean squares.
 * @throws `convert/importance-file`, `bytes/cannot-open`
 */
export async function openImportance(path: string): Promise<Importance> {
  const file = await readImportance(path);
  return {
    of: ({ name, shape }) => {
      const entry = file.entries.get(name);
      return entry && columnsOf(path, name, entry, shape.at(-1)!);
    },
    metadata: provenance(path, file),
  };
}

/** The whole file. @throws as `openImportance` */
async function readImportance(path: string): Promise<ImportanceFile> {
  if (path.endsWith(".dat")) {
    const { size } = await stat(path).catch((cause: unknown) => {
      const reason = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
      throw new LowbitError("bytes/cannot-open", `${path}: cannot be opened (${reason}).`, { path, reason }, { cause });
    });
    if (size > MOST_BYTES) {
      throw new LowbitError(
        "convert/importance-file",
        `${path} has ${size} bytes; an importance matrix has at most ${MOST_BYTES}.`,
        {
          file: path,
          found: size,
        },
      );
    }
    return parseImatrixDat(path, await readFile(path));
  }
  const checkpoint = await openCheckpoint(path);
  try {
    return isGgufCheckpoint(checkpoint)
      ? await readImatrixGguf(checkpoint)
      : (await statisticsMoments(checkpoint)).file;
  } finally {
    await checkpoint.close();
  }
}

/** One vector a tensor; that of experts is the mean over them. */
function columnsOf(file: string, name: string, { values, matrices }: ImportanceEntry, columns: number): Float32Array {
  if (values.length !== matrices * columns) {
    throw new LowbitError(
      "convert/importance-size",
      `${file} has ${values.length / matrices} input features of ${name}; the tensor has ${columns}.`,
      { file, tensor: name, found: values.length / matrices, expected: columns },
    );
  }
  if (matrices === 1) return values;
  return Float32Array.from({ length: columns }, (_, column) => {
    let sum = 0;
    for (let matrix = 0; matrix < matrices; matrix++) sum += values[matrix * columns + column]!;
    return sum / matrices;
  });
}

function provenance(path: string, { entries, chunks, datasets }: ImportanceFile): GgufMetadata {
  const [dataset] = datasets;
  return new Map<string, GgufValue>([
    ["quantize.imatrix.file", { type: "string", value: basename(path) }],
    ...(dataset === undefined ? [] : ([["quantize.imatrix.dataset", { type: "string", value: dataset }]] as const)),
    ["quantize.imatrix.entries_count", { type: "uint32", value: entries.size }],
    ["quantize.imatrix.chunks_count", { type: "uint32", value: chunks }],
  ]);
}
