import { awqWriter } from "./awq/awq-writer.js";
import { bitnetWriter } from "./bitnet/bitnet-writer.js";
import { bitsandbytesWriter } from "./bitsandbytes/bitsandbytes-writer.js";
import { compressedTensorsWriter } from "./compressed-tensors/compressed-tensors-writer.js";
import { fp8Writer } from "./fp8/fp8-writer.js";
import { gptqV2Writer, gptqWriter } from "./gptq/gptq-writer.js";
import type { LayoutWriter } from "./layout-writer.js";

/** The checkpoint layouts that lowbit writes, beside its own and GGUF. */
export const LAYOUT_WRITERS: readonly LayoutWriter[] = [
  gptqWriter,
  gptqV2Writer,
  awqWriter,
  compressedTensorsWriter,
  bitsandbytesWriter,
  bitnetWriter,
  fp8Writer,
];
