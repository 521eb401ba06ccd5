// Open a checkpoint from its path, list what is inside, and look at the values of one tensor.

import { fileURLToPath } from "node:url";
import { tensorStatistics } from "@lowbit/core/analysis";
import { openCheckpoint } from "@lowbit/core/node";
import { createWasmBackend } from "@lowbit/kernels-wasm";

const checkpoint = await openCheckpoint(fileURLToPath(new URL("tiny-llama", import.meta.url)));
for (const { name, dtype, shape, byteLength } of checkpoint.tensors.slice(0, 5)) {
  console.log(`${name.padEnd(45)} ${dtype} ${shape.join("×").padStart(9)} ${byteLength} bytes`);
}
console.log(`… ${checkpoint.tensors.length} tensors in ${checkpoint.shards.length} file`);

const backend = await createWasmBackend();
const tensor = checkpoint.tensor("model.layers.2.self_attn.k_proj.weight");
const { std, kurtosis, absMaximum, outliers } = await tensorStatistics(checkpoint, tensor, { backend });
console.log(
  `${tensor.name}: std ${std.toFixed(5)}, kurtosis ${kurtosis.toFixed(2)}, largest |w| ${(absMaximum / std).toFixed(1)} std, ${outliers.count} outliers`,
);
backend.close();
await checkpoint.close();
