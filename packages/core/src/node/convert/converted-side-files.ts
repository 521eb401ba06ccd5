import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClientConfig } from "../../layouts/layout-writer.js";
import { writeFailed } from "../file-writer.js";
import { writeSideFiles } from "../side-files.js";
import type { CheckpointConversion } from "./checkpoint-conversion.js";

/** Configurations that layouts keep in files of their own; those of the input do not hold for the output. */
const LAYOUT_FILES: ReadonlySet<string> = new Set([
  "quantize_config.json",
  "quant_config.json",
  "quantization_config.json",
]);

/** Copies the files beside the weights, with the settings of the output's layout in the place of the input's. */
export async function writeConvertedSideFiles(
  directory: string,
  { sideFiles, files }: CheckpointConversion,
  client: ClientConfig | undefined,
): Promise<void> {
  if (sideFiles !== undefined) {
    const names = sideFiles.names.filter((name) => !LAYOUT_FILES.has(name));
    await writeSideFiles({ ...sideFiles, names }, directory, client?.quantizationConfig);
  }
  const settings = Object.entries(client?.files ?? {}).map(
    ([name, content]) => [name, `${JSON.stringify(content, undefined, 2)}\n`] as const,
  );
  try {
    for (const [name, text] of [...(files ?? []), ...settings]) await writeFile(join(directory, name), text);
  } catch (cause) {
    throw writeFailed(directory, cause);
  }
}
