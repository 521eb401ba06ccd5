import { LowbitError } from "../errors/lowbit-error.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import { checkTerm } from "./check-term.js";
import { checkTransform, type InputTransform, type TransformLayout, validateTransform } from "./input-transform.js";
import type { Term, TermLayout } from "./term.js";
import { termKind } from "./term-kinds.js";

/** How a weight was made: enough to make it again. */
export interface Provenance {
  /** Name of the method: "hqq". */
  readonly method: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly lowbitVersion: string;
}

/** A weight as a sum of terms: `y = (Σ decode(term)) · T(x)`. */
export interface QuantizedWeight {
  /** Shape of the original tensor; all axes but the last are joined into rows. */
  readonly shape: readonly number[];
  readonly terms: readonly Term[];
  /** Applied to x in this order. */
  readonly inputTransforms: readonly InputTransform[];
  readonly provenance: Provenance;
}

/**
 * Checks that layouts are sound and fit the shape.
 * @throws `terms/no-terms`, `terms/shape-mismatch`, and what the term kinds throw
 */
export function validateLayouts(
  shape: readonly number[],
  terms: readonly TermLayout[],
  transforms: readonly TransformLayout[],
): void {
  const { rows, columns } = matrixShape(shape);
  if (terms.length === 0)
    throw new LowbitError("terms/no-terms", "A quantized weight has no terms; it needs at least 1.");
  for (const layout of terms) {
    termKind(layout).validate(layout);
    if (layout.rows !== rows || layout.columns !== columns) {
      throw new LowbitError(
        "terms/shape-mismatch",
        `The ${layout.kind} term has ${layout.rows} × ${layout.columns} weights; the tensor [${shape.join(", ")}] has ${rows} × ${columns}.`,
        { kind: layout.kind, found: [layout.rows, layout.columns], expected: [rows, columns] },
      );
    }
  }
  for (const layout of transforms) {
    validateTransform(layout);
    if (layout.columns !== columns) {
      throw new LowbitError(
        "terms/shape-mismatch",
        `The ${layout.kind} transform has ${layout.columns} columns; the tensor [${shape.join(", ")}] has ${columns}.`,
        { kind: layout.kind, found: layout.columns, expected: columns },
      );
    }
  }
}

/** Checks layouts, sizes and stored positions; afterwards every op may take the terms. */
export function validateWeight({ shape, terms, inputTransforms }: QuantizedWeight): void {
  validateLayouts(
    shape,
    terms.map((term) => term.layout),
    inputTransforms.map((transform) => transform.layout),
  );
  for (const term of terms) checkTerm(term);
  for (const transform of inputTransforms) checkTransform(transform);
}
