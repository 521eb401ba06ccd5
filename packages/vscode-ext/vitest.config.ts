import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "bench/**/*.test.ts"],
    // The editor provides the module; tests bring a small one of their own.
    alias: { vscode: fileURLToPath(new URL("src/host/vscode.fixture.ts", import.meta.url)) },
  },
});
