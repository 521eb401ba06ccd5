import { packCodes } from "../bitpack/pack-codes.js";
import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import { coveredColumns } from "./covered-columns.js";
import { readU32 } from "./index-array.js";
import { readScales, SCALE_BYTES, writeScales } from "./scale-array.js";
import { mappedZones, type SignLayout, zoneBits } from "./sign.js";
import type { ScaleDtype, Term } from "./term.js";

/**
 * The layout that sign ops take: ±1 codes over all columns. Columns that a term does not cover become one more zone, of
 * scale and mean 0, and pruned weights are in it; a plane of {0, 1} becomes one of ±1 with scale and mean f32(scale / 2).
 */
export function fullWidthSign(layout: SignLayout): SignLayout {
  const { coveredColumns: covered, hasPruned, isZeroOne, ...plain } = layout;
  const hasZeros = covered !== undefined || hasPruned;
  if (!hasZeros && !isZeroOne) return layout;
  return {
    ...plain,
    zones: layout.zones + (hasZeros ? 1 : 0),
    ...(isZeroOne && { hasMean: true, scaleDtype: "F32" as const }),
  };
}

/** The term of `fullWidthSign`. */
export function expandSign({ layout, arrays }: Term<SignLayout>): Term<SignLayout> {
  const runs = fullWidthSign(layout);
  const columns = layout.coveredColumns === undefined ? undefined : readU32(arrays.columns!);
  const scales = (array: Uint8Array): Uint8Array => zoneScales(array, layout, runs);
  return {
    layout: runs,
    arrays: {
      signs: columns === undefined ? arrays.signs : scatteredCodes(arrays.signs, 2, layout, columns, 2, 0),
      scale: scales(arrays.scale),
      ...(runs.hasMean && { mean: scales(layout.hasMean ? arrays.mean! : arrays.scale) }),
      ...(runs.hasColumnScale && {
        columnScale:
          columns === undefined ? arrays.columnScale! : scatteredScales(arrays.columnScale!, layout, columns),
      }),
      ...(runs.zones > 1 && { zoneMap: fullZoneMap(arrays.zoneMap, layout, runs, columns) }),
    },
  };
}

/** Scales or means [R, G, Z] with a zone of 0 for columns that are not covered; halves, in F32, of a zero-one plane. */
function zoneScales(array: Uint8Array, layout: SignLayout, runs: SignLayout): Uint8Array {
  if (runs.zones === layout.zones && !layout.isZeroOne) return array;
  const given = readScales(array, layout.scaleDtype);
  const spans = given.length / layout.zones;
  const values = new Float32Array(spans * runs.zones);
  for (let span = 0; span < spans; span++) {
    for (let zone = 0; zone < layout.zones; zone++) {
      const value = given[span * layout.zones + zone]!;
      values[span * runs.zones + zone] = layout.isZeroOne ? value / 2 : value;
    }
  }
  return scaleBytes(values, runs.scaleDtype);
}

function fullZoneMap(
  zoneMap: Uint8Array | undefined,
  layout: SignLayout,
  runs: SignLayout,
  columns: Uint32Array | undefined,
): Uint8Array {
  if (columns === undefined) return zoneMap!;
  const bits = zoneBits(runs.zones);
  if (zoneMap !== undefined) {
    return scatteredCodes(zoneMap, mappedZones(layout), layout, columns, runs.zones, layout.zones);
  }
  const rowMap = new Uint8Array(layout.columns).fill(1);
  for (const column of columns) rowMap[column] = 0;
  const rowBytes = packedByteLength(layout.columns, bits);
  const packed = new Uint8Array(layout.rows * rowBytes);
  for (let row = 0; row < layout.rows; row++) packCodes(rowMap, bits, packed.subarray(row * rowBytes));
  return packed;
}

/** Codes of the covered columns at their places among all columns, `elsewhere` at the others; a code beyond the last is the last. */
function scatteredCodes(
  packed: Uint8Array,
  levels: number,
  layout: SignLayout,
  columns: Uint32Array,
  targetLevels: number,
  elsewhere: number,
): Uint8Array {
  const [bits, targetBits] = [zoneBits(levels), zoneBits(targetLevels)];
  const covered = coveredColumns(layout);
  const [fromBytes, toBytes] = [packedByteLength(covered, bits), packedByteLength(layout.columns, targetBits)];
  const given = new Uint8Array(covered);
  const all = new Uint8Array(layout.columns);
  const target = new Uint8Array(layout.rows * toBytes);
  for (let row = 0; row < layout.rows; row++) {
    unpackCodes(packed.subarray(row * fromBytes), bits, covered, given);
    all.fill(elsewhere);
    for (let i = 0; i < covered; i++) all[columns[i]!] = Math.min(given[i]!, levels - 1);
    packCodes(all, targetBits, target.subarray(row * toBytes));
  }
  return target;
}

/** Column scales at their places; 0 at columns that are not covered. */
function scatteredScales(array: Uint8Array, layout: SignLayout, columns: Uint32Array): Uint8Array {
  const values = new Float32Array(layout.columns);
  readScales(array, layout.scaleDtype).forEach((value, i) => {
    values[columns[i]!] = value;
  });
  return scaleBytes(values, layout.scaleDtype);
}

function scaleBytes(values: Float32Array, dtype: ScaleDtype): Uint8Array {
  const bytes = new Uint8Array(values.length * SCALE_BYTES[dtype]);
  writeScales(values, dtype, bytes);
  return bytes;
}
