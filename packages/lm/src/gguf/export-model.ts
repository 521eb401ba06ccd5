import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { architectureOf } from "../architectures/architecture-table.js";
import { ConfigFields } from "../architectures/config-fields.js";
import { refuseCommonSettings } from "../architectures/refused-settings.js";
import type { ModelFiles } from "../model/open-model-source.js";
import { checkTiedHead } from "../model/tied-head.js";
import { WeightCatalog } from "../model/weight-catalog.js";
import { ExportBuilder, type ExportedWeight } from "./export-builder.js";
import type { GgufArchitecture } from "./gguf-architecture.js";
import { GGUF_ARCHITECTURES } from "./gguf-architectures.js";
import type { GgufExport, GgufExportTensor, GgufTensorRole } from "./gguf-export.js";
import { ROTARY_FACTORS } from "./hugging-face-view.js";
import { ggufName } from "./module-names.js";
import { refuseExport } from "./refuse-export.js";

/**
 * A decoder as a GGUF file: names, order of rows and metadata. Reads no weights but the copy of a tied head, which must equal
 * the embedding and is left out.
 * @param files plain or quantized in any layout that lowbit reads
 * @throws `model/gguf-export` for settings that GGUF cannot state, and what `openModelSource` throws
 */
export async function exportModel(files: ModelFiles, backend: KernelBackend): Promise<GgufExport> {
  const fields = new ConfigFields(files.name, files.config);
  refuseCommonSettings(fields);
  const plan = architectureOf(fields).plan(fields);
  const architecture = exportArchitecture(fields, plan.config.feedForward.activation);
  const catalog = new WeightCatalog(files.checkpoint, plan.namePrefix);
  const build = new ExportBuilder(catalog, plan.config.norm);
  plan.embedding(build);
  const ends = build.take();
  for (let index = 0; index < plan.config.blockCount; index++) plan.block(build, index);
  const blocks = build.take();
  plan.head(build);
  const head = build.take();
  catalog.check(plan);
  for (const { copy, original } of build.copies) await checkTiedHead(copy, original, files.checkpoint, backend);

  const { architecture: name, metadata, rotaryFactors, notes } = architecture.metadata(plan.config, fields);
  const tensor = (exported: ExportedWeight) => exportTensor(exported, architecture, plan.config, fields.name);
  const embedding = ends.map(tensor);
  const isSeparate = (exported: ExportedWeight) => !ends.some((end) => end.name === exported.name);
  const output = head.filter(isSeparate).map(tensor);
  if (architecture.needsOutput && plan.config.isTied)
    output.push({ ...embedding[0]!, name: "output.weight", role: "output" });
  const factors: readonly GgufExportTensor[] =
    rotaryFactors === undefined
      ? []
      : [
          {
            name: ROTARY_FACTORS,
            shape: [rotaryFactors.length],
            role: "kept",
            source: { kind: "values", values: rotaryFactors },
          },
        ];
  return {
    architecture: name,
    config: plan.config,
    metadata,
    tensors: [...embedding, ...factors, ...blocks.map(tensor), ...output],
    notes,
  };
}

/** BitNet has two, by its activation. */
function exportArchitecture(fields: ConfigFields, activation: string): GgufArchitecture {
  const modelType = fields.text("model_type");
  const found = GGUF_ARCHITECTURES.filter(({ modelTypes }) => modelTypes.includes(modelType));
  if (found.length === 0) throw refuseExport(fields, `GGUF has no architecture for ${modelType}`);
  return found.find((architecture) => architecture.activation === activation) ?? found[0]!;
}

function exportTensor(
  { name, weight, isTransposed, isTernarized }: ExportedWeight,
  architecture: GgufArchitecture,
  config: GgufExport["config"],
  model: string,
): GgufExportTensor {
  const gguf = ggufName(architecture.modules, name);
  if (gguf === undefined) {
    throw new LowbitError("model/gguf-export", `${model}: GGUF has no name for the tensor ${name}.`, {
      model,
      reason: `no name for ${name}`,
    });
  }
  const module = /^blk\.\d+\.(.+)\.(?:weight|bias)$/.exec(gguf)?.[1];
  const order = module === undefined ? undefined : architecture.rowOrder(module, config);
  return {
    name: gguf,
    shape: isTransposed ? weight.shape.toReversed() : weight.shape,
    role: roleOf(gguf, weight.shape.length),
    source: { kind: "weight", weight, isTransposed, isTernarized, ...(order !== undefined && { order }) },
  };
}

function roleOf(name: string, axes: number): GgufTensorRole {
  if (axes < 2 || name === "position_embd.weight") return "kept";
  if (name === "token_embd.weight") return "embedding";
  return name === "output.weight" ? "output" : "matrix";
}
