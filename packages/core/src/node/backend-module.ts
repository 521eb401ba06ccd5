import type { KernelBackend } from "../backend/kernel-backend.js";

/**
 * Where a backend comes from, as plain data that can be sent to a worker: core imports no compiled backend itself.
 * The export is called with `argument` and returns a backend or a promise of one.
 */
export interface BackendModule {
  /** URL of a module: `file:///…/create-backend.js`. */
  readonly module: string;
  readonly exportName: string;
  readonly argument?: unknown;
}

export async function loadBackend({ module, exportName, argument }: BackendModule): Promise<KernelBackend> {
  const exports = (await import(module)) as Readonly<
    Record<string, (argument: unknown) => KernelBackend | Promise<KernelBackend>>
  >;
  return exports[exportName]!(argument);
}
