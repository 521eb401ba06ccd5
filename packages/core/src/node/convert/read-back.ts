import type { KernelBackend } from "../../backend/kernel-backend.js";
import { createMemorySource } from "../../bytes/memory-source.js";
import { LowbitError } from "../../errors/index.js";
import type { LayoutWriter, PackedWeight } from "../../layouts/layout-writer.js";
import { recogniseWeights } from "../../layouts/recognise.js";
import { openFile } from "../../safetensors/open-file.js";
import { writeSafetensors } from "../../safetensors/write-safetensors.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { readValues } from "./whole-weight.js";

/**
 * The values of a packed weight as a reader of the layout gets them: what a conversion claims of its output is measured on
 * the output.
 * @throws `convert/not-read-back` when the layout does not recognise what its writer wrote
 */
export async function readBack(
  name: string,
  packed: PackedWeight,
  writer: LayoutWriter,
  backend: KernelBackend,
): Promise<RowBlock> {
  const { quantizationConfig } = writer.config(new Map([[name, packed]]), []);
  const file = await openFile(createMemorySource(writeSafetensors(packed.tensors)));
  const checkpoint = { ...file, config: { quantization_config: quantizationConfig } };
  const weight = recogniseWeights(checkpoint).find((found) => found.name === name && found.kind === "quantized");
  if (weight !== undefined) return readValues(checkpoint, weight, backend);
  throw new LowbitError("convert/not-read-back", `${name}, packed for ${writer.name}, is not recognised again.`, {
    weight: name,
    layout: writer.name,
  });
}
