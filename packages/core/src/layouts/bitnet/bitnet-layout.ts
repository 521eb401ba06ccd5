import { tritByteLength } from "../../bitpack/pack-trits.js";
import { LowbitError } from "../../errors/lowbit-error.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { quoteName } from "../../safetensors/header-problem.js";
import { readScales, writeScales } from "../../terms/scale-array.js";
import type { ScaleDtype } from "../../terms/term.js";
import { layoutRows } from "../../terms/term-arrays.js";
import { foreignWeight } from "../foreign-weight.js";
import type { CheckpointLayout, ReadOptions, StoredQuantizedWeight } from "../logical-weight.js";
import { checkPartner, partner, wrongTensor, wrongValue } from "../partner-tensors.js";
import { readAll, readBytes } from "../read-bytes.js";
import { type ConfigObject, modelDtype, quantizationConfig, unreadFormat } from "../stated-config.js";
import { bitnetTerm } from "./bitnet-term.js";
import { findCode3, quarterSpans, unpackQuarter } from "./quarters.js";

const LAYOUT = "bitnet";

/** How a layer uses `weight_scale`: "bitlinear" divides by it (1 / mean |W|), "autobitlinear" multiplies (mean |W|). */
export type LinearClass = "bitlinear" | "autobitlinear";

/** Ternary weights as transformers stores them for BitNet: `weight` U8 [rows / 4, columns] and one `weight_scale`. */
export const bitnetLayout: CheckpointLayout = {
  name: LAYOUT,
  recognise(checkpoint) {
    const config = quantizationConfig(checkpoint.config);
    const method = config?.["quant_method"];
    if (method !== undefined && method !== LAYOUT) return [];
    const weights: StoredQuantizedWeight[] = [];
    for (const tensor of checkpoint.tensors) {
      const { name, dtype, shape } = tensor;
      if ((dtype !== "U8" && method === undefined) || !name.endsWith(".weight")) continue;
      const scale = checkpoint.tensor(`${name}_scale`);
      if (dtype !== "U8" || shape.length !== 2) {
        if (method === undefined || scale === undefined) continue;
        throw wrongTensor(LAYOUT, tensor, "U8 [rows / 4, columns]");
      }
      if (method === undefined && scale?.shape.join() !== "1") continue;
      weights.push(readWeight(checkpoint, tensor, config));
    }
    return weights;
  },
};

function readWeight(
  checkpoint: Checkpoint,
  codes: CheckpointTensor,
  config: ConfigObject | undefined,
): StoredQuantizedWeight {
  const { name } = codes;
  const scale = partner(checkpoint, LAYOUT, name, `${name}_scale`);
  checkPartner(LAYOUT, scale, ["BF16", "F16", "F32"], [[1], []]);
  const [packedRows, columns] = codes.shape as [number, number];
  if (packedRows === 0) throw wrongTensor(LAYOUT, codes, "U8 [rows / 4, columns] with rows");
  const term = bitnetTerm(4 * packedRows, columns);
  return foreignWeight({
    layout: LAYOUT,
    name,
    shape: [term.rows, columns],
    dtype: modelDtype(checkpoint.config) ?? (scale.dtype as ScaleDtype),
    tensors: [codes, scale],
    term,
    async open(options) {
      const scaleArray = await readScale(checkpoint, scale, linearClass(name, config), options);
      return {
        async rows(begin, end, rowOptions) {
          const rowBytes = tritByteLength(columns, "two-bit");
          const digits = new Uint8Array((end - begin) * rowBytes);
          for (const { row, rows, packedRow, shift } of quarterSpans(packedRows, begin, end)) {
            const from = packedRow * columns;
            const packed = await readBytes(checkpoint, codes, from, from + rows * columns, rowOptions);
            const bad = findCode3(packed, shift);
            if (bad >= 0) {
              const place = `row ${row + Math.floor(bad / columns)}, column ${bad % columns}`;
              throw wrongValue(LAYOUT, name, `holds the code 3 in ${place}; codes are 0, 1 and 2`);
            }
            unpackQuarter(packed, shift, columns, digits.subarray((row - begin) * rowBytes));
          }
          return { layout: layoutRows(term, end - begin), arrays: { digits, scale: scaleArray } };
        },
      };
    },
  });
}

/** The scale of the term: what ±1 stand for. */
async function readScale(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  kind: LinearClass,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const stored = readScales(await readAll(checkpoint, tensor, options), tensor.dtype as ScaleDtype)[0]!;
  if (!(Number.isFinite(stored) && stored > 0)) {
    throw wrongValue(LAYOUT, tensor.name, `holds ${stored}; it must be above 0`);
  }
  const scale = new Uint8Array(4);
  writeScales([kind === "bitlinear" ? 1 / stored : stored], "F32", scale);
  return scale;
}

/** @throws `layouts/config-needed` without config.json, `layouts/unread-format` for a class that is not known */
function linearClass(name: string, config: ConfigObject | undefined): LinearClass {
  if (config === undefined) {
    throw new LowbitError(
      "layouts/config-needed",
      `The scale of the BitNet weight ${quoteName(name)} divides in a "bitlinear" layer and multiplies in an "autobitlinear" one; no config.json says which it is.`,
      { weight: name },
    );
  }
  const stated = config["linear_class"] ?? "bitlinear";
  if (stated === "bitlinear" || stated === "autobitlinear") return stated;
  throw unreadFormat("config.json says that BitNet weights are", stated, ["bitlinear", "autobitlinear"]);
}
