import { LowbitError } from "@lowbit/core/errors";
import type { LayerStatistics, StatisticKind, StatisticValues } from "@lowbit/core/quantizers";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { checkStatisticValues } from "./check-statistic-values.js";
import { allocateValues } from "./collectors/collector.js";
import { gradientKinds, inputKinds } from "./collectors/collector-table.js";
import { parseStatisticsSchema } from "./parse-statistics-schema.js";
import { type StatisticsSchema, statisticsTensors, statisticTensor } from "./statistics-schema.js";

/** Statistics that were saved, read a layer at a time. */
export interface StatisticsFile {
  readonly name: string;
  readonly schema: StatisticsSchema;
  /**
   * Layers that share an input get the same arrays when they are read one after the other.
   * @param weight name of the weight: "model.layers.0.self_attn.q_proj.weight"
   * @param kinds default: all of the file
   * @throws `calibration/missing-statistic`, `calibration/statistics-damaged`
   */
  layer(weight: string, kinds?: readonly StatisticKind[]): Promise<LayerStatistics>;
  close(): Promise<void>;
}

/**
 * Opens statistics for a model. Names, dtypes and shapes of all tensors are checked here, values when they are read. The
 * checkpoint is closed with the file, and also when opening fails.
 * @param modelFingerprint of the model that they are for; see `ModelSource.fingerprint`
 * @throws `calibration/not-statistics`, `calibration/statistics-damaged`, `calibration/other-model`
 */
export async function openStatisticsFile(checkpoint: Checkpoint, modelFingerprint: string): Promise<StatisticsFile> {
  try {
    const [metadata = {}] = [...checkpoint.metadata.values()];
    const schema = parseStatisticsSchema(checkpoint.name, metadata);
    checkTensors(checkpoint, schema);
    if (schema.modelFingerprint !== modelFingerprint) {
      throw new LowbitError(
        "calibration/other-model",
        `${checkpoint.name} has statistics of the model ${schema.modelFingerprint.slice(0, 12)}…; this model is ${modelFingerprint.slice(0, 12)}….`,
        { file: checkpoint.name, found: schema.modelFingerprint, expected: modelFingerprint },
      );
    }
    const inputs = new LastInput();
    return {
      name: checkpoint.name,
      schema,
      layer: (weight, kinds = schema.kinds) => readLayer(checkpoint, schema, inputs, weight, kinds),
      close: () => checkpoint.close(),
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

function checkTensors(checkpoint: Checkpoint, schema: StatisticsSchema): void {
  const expected = new Map(statisticsTensors(schema).map((spec) => [spec.name, spec]));
  const names = new Set([...expected.keys(), ...checkpoint.tensors.map(({ name }) => name)]);
  for (const name of names) {
    const [wanted, found] = [expected.get(name), checkpoint.tensor(name)].map((tensor) =>
      tensor === undefined ? "no tensor" : `${tensor.dtype} [${tensor.shape.join(", ")}]`,
    );
    if (wanted === found) continue;
    throw new LowbitError(
      "calibration/statistics-damaged",
      `${checkpoint.name}: ${name} is ${found}; the schema asks for ${wanted}.`,
      { file: checkpoint.name, tensor: name, found: found!, expected: wanted! },
    );
  }
}

/** The statistics of the input that was read last: a Hessian is large, and its layers are asked for one after the other. */
class LastInput {
  #owner = "";
  readonly #values = new Map<StatisticKind, StatisticValues>();

  async get(owner: string, kind: StatisticKind, read: () => Promise<StatisticValues>): Promise<StatisticValues> {
    if (owner !== this.#owner) this.#values.clear();
    this.#owner = owner;
    const known = this.#values.get(kind);
    if (known !== undefined) return known;
    const values = await read();
    if (owner === this.#owner) this.#values.set(kind, values);
    return values;
  }
}

async function readLayer(
  checkpoint: Checkpoint,
  schema: StatisticsSchema,
  inputs: LastInput,
  weight: string,
  kinds: readonly StatisticKind[],
): Promise<LayerStatistics> {
  const layer = Object.hasOwn(schema.layers, weight) ? schema.layers[weight]! : undefined;
  const missing = kinds.find((kind) => !schema.kinds.includes(kind));
  if (layer === undefined || missing !== undefined) {
    throw new LowbitError(
      "calibration/missing-statistic",
      layer === undefined
        ? `${checkpoint.name} has no statistics of ${weight}.`
        : `${checkpoint.name} has no ${missing} of ${weight}; it has ${schema.kinds.join(", ")}.`,
      { file: checkpoint.name, weight, ...(missing !== undefined && { asked: missing, kinds: schema.kinds }) },
    );
  }
  const values: Partial<Record<StatisticKind, StatisticValues>> = {};
  const read = (owner: string, kind: StatisticKind): Promise<StatisticValues> =>
    readValues(checkpoint, statisticTensor(owner, kind), kind, layer.inFeatures);
  for (const kind of inputKinds(kinds)) {
    values[kind] = await inputs.get(layer.input, kind, () => read(layer.input, kind));
  }
  for (const kind of gradientKinds(kinds)) values[kind] = await read(weight, kind);
  const { samples, length } = schema.calibration;
  const { rows, columns, inFeatures } = layer;
  return { name: weight, shape: { rows, columns }, inFeatures, samples, tokens: samples * length, values };
}

async function readValues(
  checkpoint: Checkpoint,
  name: string,
  kind: StatisticKind,
  inFeatures: number,
): Promise<StatisticValues> {
  const tensor = checkpoint.tensor(name)!;
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  const values = allocateValues(count, tensor.dtype === "F64" ? "F64" : "F32");
  await checkpoint.read(tensor, 0, new Uint8Array(values.buffer));
  checkStatisticValues(`${checkpoint.name}: ${name}`, kind, inFeatures, values);
  return values;
}
