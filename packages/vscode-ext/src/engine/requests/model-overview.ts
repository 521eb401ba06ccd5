import { isLowbitError } from "@lowbit/core/errors";
import { isGgufCheckpoint } from "@lowbit/core/gguf";
import type { BrokenModel, OpenModel } from "../../protocol/overview-messages.js";
import { RequestError } from "../../protocol/request-error.js";
import { remedyOf } from "../failure.js";
import type { Handler } from "../handler.js";
import type { Model } from "../model/model.js";
import type { ModelFiles } from "../model/model-files.js";
import { findProblems } from "../model/open-files.js";
import { metadataEntries } from "../overview/metadata-entries.js";
import { memoryEstimate, modelArchitecture } from "../overview/model-architecture.js";
import { modelFigures } from "../overview/model-figures.js";
import { shellWord } from "../shell-word.js";

/** Files beside the weights that are listed. */
const SHOWN_SIDE_FILES = 200;
const WEIGHT_FILE = /\.(safetensors|gguf|safetensors\.index\.json)$/;

export const modelOverview: Handler<"model/overview"> = async ({ model: slot, services, signal }) => {
  let files: ModelFiles | undefined;
  slot.retry();
  try {
    files = await slot.files();
    return await overviewOf(await slot.open(), services);
  } catch (error) {
    if (signal.aborted || !(isLowbitError(error) || error instanceof RequestError)) throw error;
    return brokenModel(baseName(slot.name), files, error);
  }
};

async function overviewOf(
  model: Model,
  services: Parameters<Handler<"model/overview">>[0]["services"],
): Promise<OpenModel> {
  const { files, checkpoint, rows } = model;
  const { bytes, ...figures } = modelFigures(rows);
  const shards = await Promise.all(
    checkpoint.shards.map(async (name) => ({ name, byteLength: (await files.byteLength(name)) ?? 0 })),
  );
  const architecture = modelArchitecture(checkpoint);
  const memory = memoryEstimate(architecture, bytes);
  const original = await originalPath(model, services);
  const backend = services.backend();
  return {
    state: "open",
    name: baseName(files.name),
    ...(files.path !== undefined && { shellPath: shellWord(files.path) }),
    container: containerName(model),
    ...(architecture !== undefined && { architecture: architecture.summary }),
    fileBytes: shards.reduce((sum, { byteLength }) => sum + byteLength, 0),
    shards,
    tensors: checkpoint.tensors.length,
    ...figures,
    ...(memory !== undefined && { memory }),
    metadata: metadataEntries(checkpoint),
    ...(original !== undefined && { original }),
    sideFiles: await sideFiles(model),
    ...(backend !== undefined && { backend }),
  };
}

function containerName({ checkpoint }: Model): string {
  if (isGgufCheckpoint(checkpoint)) return checkpoint.shards.length > 1 ? "split GGUF" : "GGUF";
  return checkpoint.shards.length > 1 ? "sharded safetensors" : "safetensors";
}

async function sideFiles({ files }: Model): Promise<OpenModel["sideFiles"]> {
  const names = (await files.list()).filter((name) => !WEIGHT_FILE.test(name) && !name.startsWith("."));
  const sized = await Promise.all(
    names
      .toSorted()
      .slice(0, SHOWN_SIDE_FILES)
      .map(async (name) => ({ name, byteLength: await files.byteLength(name) })),
  );
  return sized.flatMap(({ name, byteLength }) => (byteLength === undefined ? [] : [{ name, byteLength }]));
}

/** Members of config.json under which tools note what a model was made of. */
const ORIGINAL_MEMBERS = ["_name_or_path", "base_model", "base_model_name_or_path"] as const;

/** The original of a quantized model, where the configuration names a path on this machine. */
async function originalPath(
  { checkpoint, files, rows }: Model,
  { environment }: Parameters<Handler<"model/overview">>[0]["services"],
): Promise<string | undefined> {
  const { disk } = environment;
  if (disk === undefined || files.path === undefined || !rows.some(({ weight }) => weight.kind === "quantized"))
    return undefined;
  for (const member of ORIGINAL_MEMBERS) {
    const path = checkpoint.config?.[member];
    // A path of another machine, or the name of a model on a server, is no path here. A second slash would make Windows
    // ask a server that the file names.
    if (typeof path !== "string" || !/^(\/|[A-Za-z]:[\\/])(?![\\/])/.test(path) || path === files.path) continue;
    if (await disk.isThere(path)) return path;
  }
  return undefined;
}

async function brokenModel(
  name: string,
  files: ModelFiles | undefined,
  error: Error & { readonly code?: string },
): Promise<BrokenModel> {
  const fileBytes = files?.main === undefined ? undefined : await files.byteLength(files.main).catch(() => undefined);
  const found = files === undefined ? [] : await findProblems(files).catch(() => []);
  const problems = found.flatMap(({ file, problems: ofFile }) =>
    ofFile.map(({ code, message, facts }) => ({
      file: baseName(file),
      code,
      message,
      remedy: remedyOf(code) ?? "",
      ...byteOffset(facts),
    })),
  );
  if (problems.length > 0) return { state: "broken", name, ...(fileBytes !== undefined && { fileBytes }), problems };
  const failure = error instanceof RequestError ? error.failure : undefined;
  const code = failure?.code ?? error.code!;
  const own = {
    file: name,
    code,
    message: error.message,
    remedy: failure?.remedy ?? remedyOf(code) ?? "",
    ...byteOffset((error as { readonly facts?: object }).facts ?? {}),
  };
  return { state: "broken", name, ...(fileBytes !== undefined && { fileBytes }), problems: [own] };
}

function byteOffset(facts: object): { readonly byteOffset?: number } {
  const { byteOffset: offset } = facts as { readonly byteOffset?: unknown };
  return typeof offset === "number" ? { byteOffset: offset } : {};
}

/** The last part of a path or address. */
function baseName(name: string): string {
  const path = /^https?:/.test(name) ? new URL(name).pathname : name;
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? name;
}
