import { LowbitError } from "../errors/lowbit-error.js";
import type { Granularity } from "../terms/term.js";

/** @throws `backend/unsupported-layout` */
export function refuseLayout(op: string, field: string, found: number | string, allowed: string): never {
  throw new LowbitError("backend/unsupported-layout", `${op} got ${field} ${found}; it takes ${allowed}`, {
    op,
    field,
    found,
    allowed,
  });
}

/** @throws `backend/unsupported-layout` for one scale of the whole tensor, which no single block can know */
export function refuseTensorScale(op: string, { granularity }: { readonly granularity: Granularity }): void {
  if (granularity === "tensor") refuseLayout(op, "granularity", "tensor", "group or row");
}
