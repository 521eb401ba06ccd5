import { fileURLToPath } from "node:url";

/** The model that lies in the repository. */
export const TINY_LLAMA: string = fileURLToPath(new URL("../../../examples/tiny-llama", import.meta.url));
