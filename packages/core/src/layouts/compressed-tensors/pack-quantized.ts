import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { LowbitError } from "../../errors/lowbit-error.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { quoteName } from "../../safetensors/header-problem.js";
import type { AffineArrays, AffineLayout } from "../../terms/affine.js";
import { groupCount } from "../../terms/granularity.js";
import { readScales } from "../../terms/scale-array.js";
import type { ScaleDtype } from "../../terms/term.js";
import { layoutRows } from "../../terms/term-arrays.js";
import { checkFinite } from "../float-codebooks.js";
import { foreignWeight, type ReadTermRows } from "../foreign-weight.js";
import type { ReadOptions, StoredQuantizedWeight } from "../logical-weight.js";
import { checkPartner, description, partner, wrongTensor } from "../partner-tensors.js";
import { readAll, readBytes } from "../read-bytes.js";
import { scaleRowBytes, scaleSharing } from "../scale-sharing.js";
import { configContradiction, modelDtype } from "../stated-config.js";
import { actOrder, permutationLayout, readActOrder } from "./group-index.js";
import { describeScheme, type WeightScheme } from "./weight-schemes.js";
import { idleBitsAreClear, type WordPacking, wordCount, wordsToBytes } from "./word-packing.js";
import { readZeroPoints, type StoredZeroPoints, zeroPointTensor } from "./zero-points.js";

const LAYOUT = "compressed-tensors";

/** `weight_packed` I32: integers of 1 to 8 bits; the stored code is the signed value + 2^(bits − 1). */
export function packQuantized(
  checkpoint: Checkpoint,
  module: string,
  schemes: readonly WeightScheme[],
): StoredQuantizedWeight {
  const name = `${module}.weight`;
  const packed = partner(checkpoint, LAYOUT, name, `${module}.weight_packed`);
  const scale = partner(checkpoint, LAYOUT, name, `${module}.weight_scale`);
  const shapeTensor = partner(checkpoint, LAYOUT, name, `${module}.weight_shape`);
  const [rows, columns] = originalShape(checkpoint, shapeTensor);
  checkPartner(LAYOUT, scale, ["F16", "BF16", "F32"]);
  const scaleDtype = scale.dtype as ScaleDtype;
  if (packed.shape.length !== 2 || packed.shape[0] !== rows) throw wrongTensor(LAYOUT, packed, `I32 [${rows}, words]`);
  const width = codeWidth(name, packed, columns, schemes);
  const stated = schemes.find(({ bits }) => bits === width.bits);
  const sharing = scaleSharing(LAYOUT, [rows, columns], scale, { groupSize: stated?.groupSize });
  if (sharing.rowsPerScale !== 1 && sharing.granularity !== "tensor") {
    throw wrongTensor(LAYOUT, scale, `one scale for every row or group of [${rows}, ${columns}]`);
  }
  const { granularity, groupSize } = sharing;
  checkScheme(name, schemes, width.bits, granularity, groupSize, columns);
  const groups = groupCount(columns, groupSize);
  const isAsymmetric = stated !== undefined && !stated.isSymmetric;
  const scaleRows = granularity === "tensor" ? 1 : rows;
  const { bits, packings } = width;
  const zeros = zeroPointTensor(checkpoint, name, module, isAsymmetric, scaleRows, groups, bits, packings);
  const groupIndex = checkpoint.tensor(`${module}.weight_g_idx`);
  if (groupIndex !== undefined) checkPartner(LAYOUT, groupIndex, ["I32", "I64"], [[columns]]);
  const term: AffineLayout = {
    kind: "affine",
    rows,
    columns,
    bits,
    granularity,
    groupSize,
    zero: zeros === undefined ? "midpoint" : "integer",
    scaleDtype,
  };
  const parts: Parts = { checkpoint, packed, scale, zeros, groupIndex, term, width };
  return foreignWeight({
    layout: LAYOUT,
    name,
    shape: [rows, columns],
    dtype: modelDtype(checkpoint.config) ?? scaleDtype,
    tensors: [packed, scale, shapeTensor, ...(zeros ? [zeros.tensor] : []), ...(groupIndex ? [groupIndex] : [])],
    term,
    ...(groupIndex && { transforms: [permutationLayout(columns)] }),
    open: (options) => open(parts, options),
  });
}

interface Parts {
  readonly checkpoint: Checkpoint;
  readonly packed: CheckpointTensor;
  readonly scale: CheckpointTensor;
  readonly zeros: StoredZeroPoints | undefined;
  readonly groupIndex: CheckpointTensor | undefined;
  readonly term: AffineLayout;
  readonly width: CodeWidth;
}

/** The two sizes of `weight_shape`. */
function originalShape(checkpoint: Checkpoint, tensor: CheckpointTensor): readonly [number, number] {
  checkPartner(LAYOUT, tensor, ["I64", "I32"], [[2]]);
  const bytes = description(checkpoint, LAYOUT, tensor);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (index: number) =>
    tensor.dtype === "I64" ? Number(view.getBigInt64(8 * index, true)) : view.getInt32(4 * index, true);
  return [at(0), at(1)];
}

/** Bits of a code and how codes fill words; two packings where the sizes fit both. */
interface CodeWidth {
  readonly bits: number;
  readonly packings: readonly WordPacking[];
}

/** @throws `layouts/config-contradiction`, `layouts/config-needed`, `layouts/wrong-tensor` */
function codeWidth(
  name: string,
  packed: CheckpointTensor,
  columns: number,
  schemes: readonly WeightScheme[],
): CodeWidth {
  const words = packed.shape[1]!;
  const stated = schemes.filter(({ type }) => type === "int").flatMap(({ bits }) => (bits && bits <= 8 ? [bits] : []));
  const candidates = stated.length > 0 ? [...new Set(stated)] : [1, 2, 3, 4, 5, 6, 7, 8];
  const fitting = candidates.flatMap((bits): CodeWidth[] => {
    const packings = (["dense", "idle"] as const).filter((packing) => wordCount(columns, bits, packing) === words);
    return packings.length === 0 ? [] : [{ bits, packings }];
  });
  // Dense is how files are written now, and without a width that is stated it leaves fewer of them open.
  const dense = fitting.filter(({ packings }) => packings[0] === "dense");
  const chosen = dense.length > 0 ? dense : fitting;
  if (chosen.length === 1) return chosen[0]!;
  if (chosen.length > 1) {
    throw new LowbitError(
      "layouts/config-needed",
      `${words} words a row of ${quoteName(packed.name)} hold ${columns} codes of ${chosen.map(({ bits }) => bits).join(" or ")} bits; no config.json says of how many.`,
      { tensor: packed.name, words, columns, bits: chosen.map(({ bits }) => bits) },
    );
  }
  if (stated.length === 0) throw wrongTensor(LAYOUT, packed, `words of ${columns} codes of 1 to 8 bits a row`);
  throw configContradiction(
    LAYOUT,
    name,
    `codes of ${candidates.join(" or ")} bits`,
    `${words} words for ${columns} codes a row`,
  );
}

/** @throws `layouts/config-contradiction` unless one of the schemes, where there are some, has these scales */
function checkScheme(
  name: string,
  schemes: readonly WeightScheme[],
  bits: number,
  granularity: string,
  groupSize: number,
  columns: number,
): void {
  const fits = (scheme: WeightScheme): boolean => {
    if (scheme.bits !== bits) return false;
    if (scheme.strategy === "tensor") return granularity === "tensor" || columns === groupSize;
    if (scheme.strategy === "channel") return granularity !== "group";
    return scheme.groupSize === undefined || Math.min(scheme.groupSize, columns) === groupSize;
  };
  if (schemes.length === 0 || schemes.some(fits)) return;
  const found = granularity === "group" ? `groups of ${groupSize}` : `one scale a ${granularity}`;
  throw configContradiction(LAYOUT, name, schemes.map(describeScheme).join("; "), `${bits}-bit codes in ${found}`);
}

async function open(parts: Parts, options?: ReadOptions): ReturnType<Parameters<typeof foreignWeight>[0]["open"]> {
  const { checkpoint, packed, scale, term, width } = parts;
  const packing = width.packings.length === 1 ? width.packings[0]! : await decidePacking(parts, options);
  const order = parts.groupIndex && (await readActOrder(checkpoint, LAYOUT, parts.groupIndex, term.groupSize, options));
  const zeros = parts.zeros && (await readZeroPoints(checkpoint, parts.zeros, packing, options));
  const checked = (bytes: Uint8Array): Uint8Array => {
    checkFinite(LAYOUT, scale.name, readScales(bytes, term.scaleDtype));
    return bytes;
  };
  const tensorScale = term.granularity === "tensor" ? checked(await readAll(checkpoint, scale, options)) : undefined;
  const rows: ReadTermRows = async (begin, end, rowOptions) => {
    const count = end - begin;
    const wordBytes = 4 * packed.shape[1]!;
    const words = await readBytes(checkpoint, packed, begin * wordBytes, end * wordBytes, rowOptions);
    const rowBytes = packedByteLength(term.columns, term.bits);
    const codes = new Uint8Array(count * rowBytes);
    for (let row = 0; row < count; row++) {
      const stored = words.subarray(row * wordBytes, (row + 1) * wordBytes);
      const bytes = wordsToBytes(stored, term.bits, term.columns, packing);
      codes.set(order ? order.sortCodes(bytes, term.bits) : bytes, row * rowBytes);
    }
    const scaleBytes = scaleRowBytes(term.scaleDtype, term.columns, term.groupSize);
    const arrays: AffineArrays = {
      codes,
      scale:
        tensorScale ?? checked(await readBytes(checkpoint, scale, begin * scaleBytes, end * scaleBytes, rowOptions)),
      ...(zeros && { zeroPoint: term.granularity === "tensor" ? zeros(0, 1) : zeros(begin, end) }),
    };
    return { layout: layoutRows(term, count), arrays };
  };
  return { ...(order && { transforms: [actOrder(order)] }), rows };
}

/** Matrices of few columns fit both packings: dense words use the bits that the older packing leaves idle. */
async function decidePacking({ checkpoint, packed, term }: Parts, options?: ReadOptions): Promise<WordPacking> {
  if (32 % term.bits === 0) return "dense";
  if (term.columns <= Math.floor(32 / term.bits)) return "dense";
  return idleBitsAreClear(await readAll(checkpoint, packed, options), term.bits) ? "idle" : "dense";
}
