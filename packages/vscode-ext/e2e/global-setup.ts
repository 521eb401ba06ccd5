import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { makeWorkspace } from "./make-workspace.js";
import { startCodeServer } from "./start-code-server.js";

const PACKAGE: string = join(import.meta.dirname, "..");

declare module "vitest" {
  interface ProvidedContext {
    /** Of the server of the workbench. */
    url: string;
    vsix: string;
    /** Folder that the workbench opens. */
    workspace: string;
    settingsPath: string;
    serverPid: number;
  }
}

/** Packages the extension, makes the models, starts the workbench; ends and removes everything afterwards. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), "lowbit-workbench-"));
  const workspace = join(home, "models");
  mkdirSync(workspace);
  const vsix = process.env["LOWBIT_VSIX"] ?? packageExtension();
  makeWorkspace(workspace);
  const server = await startCodeServer({ home: join(home, "server"), vsix });
  project.provide("url", server.url);
  project.provide("vsix", vsix);
  project.provide("workspace", workspace);
  project.provide("settingsPath", server.settingsPath);
  project.provide("serverPid", server.pid);
  return async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
}

function packageExtension(): string {
  const made = spawnSync(process.execPath, ["scripts/package-extension.mjs"], { cwd: PACKAGE, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`the extension could not be packaged:\n${made.stdout}${made.stderr}`);
  return join(PACKAGE, "dist-vsix", "lowbit-vscode.vsix");
}
