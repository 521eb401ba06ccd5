import { openCheckpoint, writeFileAtomic } from "@lowbit/core/node";
import { writeImatrixGguf } from "./imatrix-gguf.js";
import { statisticsMoments } from "./statistics-moments.js";

/**
 * Writes statistics of `lowbit calibrate` as an importance matrix that llama.cpp's tools read.
 * @returns the number of entries
 * @throws what `statisticsMoments` throws, `pipeline/write-failed`
 */
export async function statisticsToImatrix(input: string, output: string): Promise<number> {
  const checkpoint = await openCheckpoint(input);
  try {
    const { file, tokens, facts } = await statisticsMoments(checkpoint);
    const moments = new Map([...file.entries].map(([name, { values }]) => [name, { meanSquare: values, tokens }]));
    await writeFileAtomic(output, writeImatrixGguf(moments, facts));
    return moments.size;
  } finally {
    await checkpoint.close();
  }
}
