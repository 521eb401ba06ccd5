import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { encodeFloats, type FloatDtype } from "@lowbit/core/dtype";
import { type GgufTensorData, ggufTensorBytes, writeGguf } from "@lowbit/core/gguf";
import { openCheckpoint } from "@lowbit/core/node";
import { chooseTypes, isBlockType } from "./choose-types.js";
import { exportMetadata } from "./export-metadata.js";
import { exportModel } from "./export-model.js";
import { openExportRows } from "./export-rows.js";
import type { GgufExportType } from "./gguf-export.js";
import { GGUF_RECIPES } from "./gguf-recipes.js";
import { placeRows } from "./place-rows.js";
import { ggufTokenizerMetadata } from "./tokenizer/gguf-tokenizer-metadata.js";
import { readTokenizerFiles } from "./tokenizer/tokenizer-files.fixture.js";

/** The model of a directory as a GGUF file with all its matrices in one type, encoded by ggml's rule. */
export async function exportedGguf(
  directory: string,
  type: GgufExportType,
  backend: KernelBackend,
): Promise<Uint8Array> {
  const checkpoint = await openCheckpoint(directory);
  try {
    const config: unknown = JSON.parse(readFileSync(join(directory, "config.json"), "utf8"));
    const model = await exportModel({ name: directory, checkpoint, config }, backend);
    const recipe = GGUF_RECIPES.find((one) => one.type === type)!;
    const types = chooseTypes(model, recipe, { isPure: true });
    const tensors: GgufTensorData[] = [];
    for (const tensor of model.tensors) {
      const { rows, columns, read } = await openExportRows(tensor, checkpoint, backend);
      const values = new Float32Array(rows * columns);
      await read(0, rows, values);
      const spec = { name: tensor.name, shape: tensor.shape, type: types.get(tensor.name)!.type };
      const bytes = new Uint8Array(ggufTensorBytes(spec));
      if (isBlockType(spec.type)) backend.blockEncode({ values, rows, columns }, spec.type, bytes);
      else encodeFloats(spec.type as FloatDtype, values, bytes);
      const data = new Uint8Array(bytes.length);
      const rowBytes = bytes.length / rows;
      const order = tensor.source.kind === "weight" ? tensor.source.order : undefined;
      for (const run of placeRows(order, 0, rowBytes, bytes)) data.set(run.bytes, run.row * rowBytes);
      tensors.push({ ...spec, data });
    }
    const { vocabularySize } = model.config;
    const tokenizer = ggufTokenizerMetadata(readTokenizerFiles(directory), vocabularySize, { name: directory });
    const options = { name: "model", fileType: recipe.fileType, isQuantized: isBlockType(type), tokenizer };
    return writeGguf(exportMetadata(model, options), tensors);
  } finally {
    await checkpoint.close();
  }
}
