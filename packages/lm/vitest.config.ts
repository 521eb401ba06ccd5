import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CORE_SOURCE_ALIAS } from "../kernels-conformance/source-alias.ts";

/** Tests run on the sources of the kernel packages and on their built kernels. */
const kernels = ["native", "wasm"].map((name) => ({
  find: `@lowbit/kernels-${name}`,
  replacement: fileURLToPath(new URL(`../kernels-${name}/src/index.ts`, import.meta.url)),
}));

export default defineConfig({
  resolve: { alias: [...CORE_SOURCE_ALIAS, ...kernels] },
  test: { include: ["src/**/*.test.ts"] },
});
