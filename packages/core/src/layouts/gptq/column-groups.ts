import { readU32 } from "../../terms/index-array.js";
import { wrongValue } from "../partner-tensors.js";

/** How the columns of a layer are put into groups that follow each other. */
export interface ColumnGroups {
  /** Columns that share a scale; the last group may be shorter. */
  readonly groupSize: number;
  /** Row of scales and zeros of each group of the term. */
  readonly sourceOf: Uint32Array;
  /** Column of the file at each column of the term; absent: the same. */
  readonly order?: Uint32Array;
}

/** Groups of equal size, in order. */
export function plainGroups(columns: number, groups: number, groupSize: number): ColumnGroups {
  return {
    groupSize: Math.min(groupSize, columns),
    sourceOf: Uint32Array.from({ length: groups }, (_, group) => group),
  };
}

/**
 * The groups that g_idx names, column by column, in any order (act-order: columns by falling activation, so that those of
 * a group lie apart). Groups of unequal sizes become groups of their greatest common divisor that share a scale.
 * @param index the I32 array
 * @throws `layouts/wrong-value` for a group that has no scale
 */
export function columnGroups(name: string, index: Uint8Array, groups: number): ColumnGroups {
  const groupOf = readU32(index);
  const sizes = new Uint32Array(groups);
  for (let column = 0; column < groupOf.length; column++) {
    const group = groupOf[column]!;
    if (group >= groups) {
      throw wrongValue(
        "gptq",
        name,
        `puts input ${column} into group ${group | 0}; there are groups 0 to ${groups - 1}`,
      );
    }
    sizes[group]!++;
  }
  const { groupSize, present } = orderOfGroups(groupOf, sizes);
  const starts = new Uint32Array(groups);
  let start = 0;
  for (const group of present) {
    starts[group] = start;
    start += sizes[group]!;
  }
  const order = new Uint32Array(groupOf.length);
  groupOf.forEach((group, column) => {
    order[starts[group]!++] = column;
  });
  const sourceOf = Uint32Array.from(
    present.flatMap((group) => Array.from({ length: Math.ceil(sizes[group]! / groupSize) }, () => group)),
  );
  const isPlain = order.every((column, at) => column === at);
  return { groupSize, sourceOf, ...(!isPlain && { order }) };
}

/** Groups in the order of their first columns, a shorter one last; their size, or what all sizes are multiples of. */
function orderOfGroups(groupOf: Uint32Array, sizes: Uint32Array): { groupSize: number; present: readonly number[] } {
  const present = [...new Set(groupOf)];
  const largest = present.reduce((most, group) => Math.max(most, sizes[group]!), 0);
  const others = present.filter((group) => sizes[group] !== largest);
  if (others.length <= 1) {
    return { groupSize: largest, present: [...present.filter((group) => sizes[group] === largest), ...others] };
  }
  return { groupSize: present.reduce((divisor, group) => greatestDivisor(divisor, sizes[group]!), 0), present };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
