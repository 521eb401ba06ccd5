import type { KernelBackend } from "@lowbit/core/backend";
import { type BackendChoice, openBackend } from "./open-backend.js";

/** Entry for worker threads of the pipeline, which load this bundle by its URL. */
export async function createBackend(choice: BackendChoice): Promise<KernelBackend> {
  return (await openBackend(import.meta.url, choice)).backend;
}
