import type { KernelBackend } from "@lowbit/core/backend";
import type { Checkpoint } from "@lowbit/core/safetensors";
import type { DecoderPlan } from "../architectures/architecture.js";
import { architectureOf } from "../architectures/architecture-table.js";
import { ConfigFields } from "../architectures/config-fields.js";
import { refuseUnknownQuantization } from "../architectures/quantization-method.js";
import { refuseCommonSettings } from "../architectures/refused-settings.js";
import { specialTokens } from "../architectures/special-tokens.js";
import { describeBlock } from "./block-description.js";
import type { DecoderConfig } from "./decoder-config.js";
import type { LanguageModel, Loaded, ModelSource } from "./language-model.js";
import { modelFingerprint } from "./model-fingerprint.js";
import { PartBuilder } from "./part-builder.js";
import { WeightCatalog } from "./weight-catalog.js";

/** The files of a model, wherever they are. */
export interface ModelFiles {
  /** Shown in messages. */
  readonly name: string;
  /** Closed by the source. */
  readonly checkpoint: Checkpoint;
  /** config.json, parsed. */
  readonly config: unknown;
  /** generation_config.json, parsed, where there is one: its end tokens count. */
  readonly generationConfig?: unknown;
}

/**
 * A decoder of safetensors files, plain or quantized by lowbit or another tool. Names, shapes and dtypes of all tensors are checked here;
 * weights are read when a part is loaded, and stay packed. Where config.json says that the head is tied, a head in the file
 * is accepted if it equals the embedding, and not used.
 * @throws `model/config-json`, `model/config-field`, `model/unknown-architecture`, `model/unsupported-setting`,
 * `model/quantization-method`, `model/missing-tensors`, `model/extra-tensors`, `model/tensor-shape`, `model/tensor-dtype`, and what
 * `recogniseWeights` throws. Loading throws `model/not-finite`, `model/tied-head`.
 */
export async function openModelSource(files: ModelFiles, backend: KernelBackend): Promise<ModelSource> {
  const fields = new ConfigFields(files.name, files.config);
  refuseUnknownQuantization(fields);
  refuseCommonSettings(fields);
  const plan = architectureOf(fields).plan(fields);
  const config = withGenerationTokens(plan.config, files);
  const checkpoint = withConfig(files);
  const context = {
    catalog: new WeightCatalog(checkpoint, plan.namePrefix),
    checkpoint,
    backend,
    norm: plan.config.norm,
  };
  const builder = () => new PartBuilder(context);
  checkWeights(plan, builder(), context.catalog);
  const source: ModelSource = {
    name: files.name,
    config,
    describeBlock(index) {
      const build = builder();
      const block = plan.block(build, index);
      return describeBlock(block, build.memory.byteLength);
    },
    tensorName: (weight) => context.catalog.findAny(weight)?.name ?? weight,
    fingerprint: () => modelFingerprint(files.checkpoint),
    loadEmbedding: () => loadPart(builder(), plan.embedding),
    loadBlock: (index) => loadPart(builder(), (build) => plan.block(build, index)),
    loadHead: () => loadPart(builder(), plan.head),
    load: () => loadAll(source, plan, builder),
    close: () => files.checkpoint.close(),
  };
  return source;
}

/** Layouts of other tools say in config.json what their tensors leave open; a checkpoint of single files has none. */
function withConfig({ checkpoint, config }: ModelFiles): Checkpoint {
  return checkpoint.config === undefined ? { ...checkpoint, config: config as Record<string, unknown> } : checkpoint;
}

/** generation_config.json often knows more end tokens than config.json (those of a chat). */
function withGenerationTokens(config: DecoderConfig, { name, generationConfig }: ModelFiles): DecoderConfig {
  if (generationConfig === undefined) return config;
  const fields = new ConfigFields(name, generationConfig, "", "generation_config.json");
  const generation = specialTokens(fields, config.vocabularySize);
  const endTokens = [...new Set([...config.endTokens, ...generation.endTokens])];
  return { ...generation, ...config, endTokens };
}

function checkWeights(plan: DecoderPlan, build: PartBuilder, catalog: WeightCatalog): void {
  plan.embedding(build);
  for (let index = 0; index < plan.config.blockCount; index++) plan.block(build, index);
  plan.head(build);
  catalog.check(plan);
}

async function loadPart<T>(builder: PartBuilder, make: (build: PartBuilder) => T): Promise<Loaded<T>> {
  const part = make(builder);
  await builder.load();
  return { part, byteLength: builder.memory.byteLength, release: () => builder.memory.release() };
}

async function loadAll(source: ModelSource, plan: DecoderPlan, builder: () => PartBuilder): Promise<LanguageModel> {
  const loaded: Loaded<unknown>[] = [];
  const close = () => {
    for (const part of loaded.splice(0)) part.release();
  };
  const keep = <T>(part: Loaded<T>): T => {
    loaded.push(part);
    return part.part;
  };
  try {
    // Together: a tied head shares the embedding's matrix.
    const ends = keep(
      await loadPart(builder(), (build) => ({ embedding: plan.embedding(build), head: plan.head(build) })),
    );
    const blocks = [];
    for (let index = 0; index < plan.config.blockCount; index++) blocks.push(keep(await source.loadBlock(index)));
    const weightBytes = loaded.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return { name: source.name, config: source.config, ...ends, blocks, weightBytes, close };
  } catch (error) {
    close();
    throw error;
  }
}
