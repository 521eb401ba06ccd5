import { defineConfig } from "vitest/config";
import { CORE_SOURCE_ALIAS } from "../kernels-conformance/source-alias.ts";

export default defineConfig({
  resolve: { alias: CORE_SOURCE_ALIAS },
  test: { include: ["src/**/*.test.ts"] },
});
