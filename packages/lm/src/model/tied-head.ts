import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError, showValue } from "@lowbit/core/errors";
import { type LogicalWeight, openWeight } from "@lowbit/core/layouts";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { eachSpan, READ_BYTES } from "./weight-fill.js";

/**
 * Some files hold the head of a tied model as well. It must be the embedding: where it is not, config.json and the file
 * contradict each other, and programs differ in which one they believe.
 * @throws `model/tied-head`
 */
export async function checkTiedHead(
  head: LogicalWeight,
  embedding: LogicalWeight,
  checkpoint: Checkpoint,
  backend: KernelBackend,
): Promise<void> {
  const refuse = (what: string) => {
    throw new LowbitError(
      "model/tied-head",
      `${checkpoint.name}: "tie_word_embeddings" in config.json is true, but tensor ${showValue(head.name)} ${what} ${showValue(embedding.name)}.`,
      { model: checkpoint.name, head: head.name, embedding: embedding.name },
    );
  };
  if (head.shape.join() !== embedding.shape.join()) {
    refuse(`has another shape ([${head.shape.join(", ")}], not [${embedding.shape.join(", ")}]) than`);
  }
  const [own, table] = [await openWeight(checkpoint, head, backend), await openWeight(checkpoint, embedding, backend)];
  const { rows, columns } = own;
  const step = Math.min(rows, Math.max(1, Math.floor(READ_BYTES / 4 / columns)));
  const values = [new Float32Array(step * columns), new Float32Array(step * columns)] as const;
  await eachSpan(rows, step, async (begin, end) => {
    const [a, b] = values.map((array) => array.subarray(0, (end - begin) * columns)) as [Float32Array, Float32Array];
    await own.read(begin, end, a);
    await table.read(begin, end, b);
    const different = a.findIndex((value, i) => !Object.is(value, b[i]));
    if (different >= 0) refuse(`differs in row ${begin + Math.floor(different / columns)} from`);
  });
}
