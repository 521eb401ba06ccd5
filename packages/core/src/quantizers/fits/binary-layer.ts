import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import type { MatrixShape } from "../../tensor/row-block.js";
import { groupCount } from "../../terms/granularity.js";
import { writeU32 } from "../../terms/index-array.js";
import { writeScales } from "../../terms/scale-array.js";
import { mappedZones, type SignLayout, zoneBits } from "../../terms/sign.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import type { BlockPart, PartFit } from "./block-part.js";

/** What the sign terms of the columns of one kind store. */
export interface PartForm {
  readonly order: 1 | 2;
  readonly zones: number;
  readonly hasMean: boolean;
  readonly hasColumnScale: boolean;
}

/** How the columns of a layer are stored that is binarized block by block. */
export interface BinaryForm {
  readonly blockColumns: number;
  readonly rest: PartForm;
  readonly salient: PartForm;
  /** Whether weights may be pruned. */
  readonly isPruned: boolean;
  readonly scaleDtype: ScaleDtype;
}

export type PartKind = "rest" | "salient";

/**
 * The layouts of the terms: those of the columns that are not salient, then those of the salient ones.
 * @param salientColumns how many columns of the matrix are salient
 */
export function binaryLayouts(shape: MatrixShape, form: BinaryForm, salientColumns: number): readonly SignLayout[] {
  return [
    ...partLayouts(shape, form, "rest", shape.columns - salientColumns),
    ...partLayouts(shape, form, "salient", salientColumns),
  ];
}

function partLayouts(shape: MatrixShape, form: BinaryForm, kind: PartKind, covered: number): SignLayout[] {
  if (covered === 0) return [];
  const part = form[kind];
  return Array.from({ length: part.order }, (_, k) => ({
    kind: "sign",
    rows: shape.rows,
    columns: shape.columns,
    ...(covered < shape.columns && { coveredColumns: covered }),
    granularity: "group",
    groupSize: form.blockColumns,
    zones: part.zones,
    ...(form.isPruned && { hasPruned: true }),
    hasMean: part.hasMean && k === 0,
    hasColumnScale: part.hasColumnScale,
    scaleDtype: form.scaleDtype,
  }));
}

/** The code of a layer while its blocks are fitted one after another; `terms` is what is stored of it. */
export class BinaryLayer {
  private readonly shape: MatrixShape;
  private readonly form: BinaryForm;
  /** [rows, columns]: bit 0 and 1 the signs, bits 2 and 3 the zone. */
  private readonly cells: Uint8Array;
  /** [columns] */
  private readonly isSalient: Uint8Array;
  private readonly parts: Readonly<Record<PartKind, PartScales>>;

  constructor(shape: MatrixShape, form: BinaryForm) {
    this.shape = shape;
    this.form = form;
    this.cells = new Uint8Array(shape.rows * shape.columns);
    this.isSalient = new Uint8Array(shape.columns);
    this.parts = {
      rest: new PartScales(shape, form.blockColumns, form.rest),
      salient: new PartScales(shape, form.blockColumns, form.salient),
    };
  }

  /** @param first column of the matrix at which the block begins */
  add(kind: PartKind, first: number, part: BlockPart, fit: PartFit): void {
    const { columns, zoneOf, rows } = part;
    if (kind === "salient") for (const column of columns) this.isSalient[first + column] = 1;
    for (let row = 0, at = 0; row < rows; row++) {
      const line = row * this.shape.columns + first;
      for (let i = 0; i < columns.length; i++, at++) {
        this.cells[line + columns[i]!] = fit.codes[at]! | (zoneOf[at]! << 2);
      }
    }
    this.parts[kind].add(first, columns, fit);
  }

  terms(): readonly Term<SignLayout>[] {
    return (["rest", "salient"] as const).flatMap((kind) => {
      const columns = Uint32Array.from(this.isSalient.keys()).filter(
        (column) => (this.isSalient[column] === 1) === (kind === "salient"),
      );
      const layouts = partLayouts(this.shape, this.form, kind, columns.length);
      return layouts.map((layout, k) => this.makeTerm(kind, columns, layout, k));
    });
  }

  private makeTerm(kind: PartKind, columns: Uint32Array, layout: SignLayout, k: number): Term<SignLayout> {
    const term = allocateTerm(layout);
    const codes = new Uint8Array(columns.length);
    const bits = zoneBits(mappedZones(layout));
    const signBytes = packedByteLength(columns.length, 1);
    const zoneBytes = packedByteLength(columns.length, bits);
    for (let row = 0; row < layout.rows; row++) {
      const line = row * layout.columns;
      for (let i = 0; i < codes.length; i++) codes[i] = (this.cells[line + columns[i]!]! >> k) & 1;
      packCodes(codes, 1, term.arrays.signs.subarray(row * signBytes));
      if (bits === 0) continue;
      for (let i = 0; i < codes.length; i++) codes[i] = this.cells[line + columns[i]!]! >> 2;
      packCodes(codes, bits, term.arrays.zoneMap!.subarray(row * zoneBytes));
    }
    this.parts[kind].write(term, k, columns);
    if (layout.coveredColumns !== undefined) writeU32(columns, term.arrays.columns!);
    return term;
  }
}

/** Scales and means of all blocks. */
class PartScales {
  private readonly groups: number;
  private readonly zones: number;
  private readonly blockColumns: number;
  /** [rows, groups, zones] each */
  private readonly scales: readonly Float32Array[];
  private readonly mean: Float32Array;
  /** [columns] each */
  private readonly columnScales: readonly Float32Array[];

  constructor({ rows, columns }: MatrixShape, blockColumns: number, { order, zones }: PartForm) {
    this.blockColumns = blockColumns;
    this.groups = groupCount(columns, blockColumns);
    this.zones = zones;
    this.scales = Array.from({ length: order }, () => new Float32Array(rows * this.groups * zones));
    this.mean = new Float32Array(rows * this.groups * zones);
    this.columnScales = Array.from({ length: order }, () => new Float32Array(columns).fill(1));
  }

  add(first: number, columns: Uint32Array, fit: PartFit): void {
    const group = first / this.blockColumns;
    this.place(fit.mean, this.mean, group);
    fit.scales.forEach((scales, k) => {
      this.place(scales, this.scales[k]!, group);
    });
    fit.columnScales?.forEach((scales, k) => {
      for (let i = 0; i < columns.length; i++) this.columnScales[k]![first + columns[i]!] = scales[i]!;
    });
  }

  /** [rows, zones] of a block into [rows, groups, zones]. */
  private place(values: Float32Array | undefined, target: Float32Array, group: number): void {
    if (values === undefined) return;
    for (let at = 0; at < values.length; at++) {
      const row = Math.floor(at / this.zones);
      target[(row * this.groups + group) * this.zones + (at % this.zones)] = values[at]!;
    }
  }

  /** The values were rounded when they were fitted. @param columns that the term covers */
  write({ layout, arrays }: Term<SignLayout>, k: number, columns: Uint32Array): void {
    const { scaleDtype } = layout;
    writeScales(this.scales[k]!, scaleDtype, arrays.scale);
    if (layout.hasMean) writeScales(this.mean, scaleDtype, arrays.mean!);
    if (!layout.hasColumnScale) return;
    writeScales(
      Float32Array.from(columns, (column) => this.columnScales[k]![column]!),
      scaleDtype,
      arrays.columnScale!,
    );
  }
}
