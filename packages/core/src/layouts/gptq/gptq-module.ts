import type { Dtype } from "../../dtype/dtype-table.js";
import { LowbitError } from "../../errors/lowbit-error.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { quoteName } from "../../safetensors/header-problem.js";
import type { ScaleDtype } from "../../terms/term.js";
import { checkPartner, partner, wrongTensor } from "../partner-tensors.js";

/** The tensors of a linear layer in GPTQ's layout and what their shapes say. */
export interface GptqModule {
  /** "model.layers.0.mlp.up_proj": the weight is `${module}.weight`. */
  readonly module: string;
  /** Code width, 2 to 8. */
  readonly bits: number;
  /** Output features. */
  readonly rows: number;
  /** Input features. */
  readonly columns: number;
  /** Rows of scales and zeros. */
  readonly groups: number;
  /** I32 [columns·bits/32, rows]. */
  readonly qweight: CheckpointTensor;
  /** I32 [groups, rows·bits/32]. */
  readonly qzeros: CheckpointTensor;
  /** [groups, rows]. */
  readonly scales: CheckpointTensor & { readonly dtype: ScaleDtype };
  /** I32 [columns]; absent in old files. */
  readonly groupIndex?: CheckpointTensor;
}

export const QWEIGHT_ENDING = ".qweight";
const ZEROS_ENDING = ".qzeros";
const SCALE_DTYPES: readonly Dtype[] = ["F16", "BF16", "F32"];
const BITS = [2, 3, 4, 5, 6, 7, 8] as const;

/**
 * Names of linear layers with packed codes, of GPTQ or of AWQ.
 * @throws `layouts/missing-partner` for zeros without codes
 */
export function qweightModules(checkpoint: Checkpoint): string[] {
  const modules: string[] = [];
  for (const { name } of checkpoint.tensors) {
    if (name.endsWith(QWEIGHT_ENDING)) modules.push(name.slice(0, -QWEIGHT_ENDING.length));
    if (!name.endsWith(ZEROS_ENDING)) continue;
    const module = name.slice(0, -ZEROS_ENDING.length);
    partner(checkpoint, "gptq or awq", `${module}.weight`, module + QWEIGHT_ENDING);
  }
  return modules;
}

/**
 * Whether a layer is packed along its outputs, as AWQ does: eight codes a word beside each other, so that a row of scales
 * is eight times as long as a row of words. GPTQ packs along inputs: both rows are equally long.
 */
export function isPackedAlongOutputs(checkpoint: Checkpoint, module: string): boolean {
  const qweight = checkpoint.tensor(module + QWEIGHT_ENDING);
  const scales = checkpoint.tensor(`${module}.scales`);
  return (
    qweight?.shape.length === 2 &&
    scales?.shape.length === 2 &&
    qweight.shape[1]! > 0 &&
    scales.shape[1] === 8 * qweight.shape[1]!
  );
}

/**
 * @param statedBits `bits` of the config, for files without g_idx whose shapes leave it open
 * @throws `layouts/missing-partner`, `layouts/wrong-tensor`
 */
export function gptqModule(checkpoint: Checkpoint, module: string, statedBits: unknown): GptqModule {
  const of = (name: string): CheckpointTensor => partner(checkpoint, "gptq", `${module}.weight`, `${module}.${name}`);
  const [qweight, qzeros, scales] = [of("qweight"), of("qzeros"), of("scales")];
  const groupIndex = checkpoint.tensor(`${module}.g_idx`);
  checkPartner("gptq", scales, SCALE_DTYPES);
  for (const tensor of [qweight, qzeros, scales]) {
    if (tensor.shape.length !== 2 || tensor.shape.includes(0))
      throw wrongTensor("gptq", tensor, "a matrix that is not empty");
  }
  if (groupIndex?.shape.length !== 1 && groupIndex !== undefined)
    throw wrongTensor("gptq", groupIndex, "I32 of one axis");
  const [groups, rows] = scales.shape as [number, number];
  const words = qweight.shape[0]!;
  const fits = BITS.filter((bits) => {
    const columns = groupIndex?.shape[0] ?? (words * 32) / bits;
    return Math.ceil((columns * bits) / 32) === words && Math.ceil((rows * bits) / 32) === qzeros.shape[1]!;
  });
  const bits = fits.length === 1 ? fits[0] : fits.find((width) => width === statedBits);
  if (bits === undefined) throw noWidth(module, { qweight, qzeros, scales, groupIndex });
  const columns = groupIndex?.shape[0] ?? (words * 32) / bits;
  checkPartner("gptq", qweight, ["I32"], [[words, rows]]);
  checkPartner("gptq", qzeros, ["I32"], [[groups, qzeros.shape[1]!]]);
  if (groupIndex) checkPartner("gptq", groupIndex, ["I32"], [[columns]]);
  if (groups > columns) throw wrongTensor("gptq", scales, `of at most ${columns} groups, one an input`);
  return {
    module,
    bits,
    rows,
    columns,
    groups,
    qweight,
    qzeros,
    scales: scales as GptqModule["scales"],
    ...(groupIndex && { groupIndex }),
  };
}

function noWidth(module: string, tensors: Readonly<Record<string, CheckpointTensor | undefined>>): LowbitError {
  const shapes = Object.values(tensors).flatMap((tensor) =>
    tensor === undefined ? [] : [`${tensor.name} [${tensor.shape.join(", ")}]`],
  );
  return new LowbitError(
    "layouts/shapes-disagree",
    `The tensors of ${quoteName(module)} fit no one code width of 2 to 8 bits: ${shapes.join(", ")}.`,
    { layout: "gptq", module, shapes },
  );
}
