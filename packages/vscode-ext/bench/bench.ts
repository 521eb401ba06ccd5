import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../e2e/launch-browser.js";
import { startCodeServer } from "../e2e/start-code-server.js";
import { Workbench } from "../e2e/workbench.js";
import type { Figure } from "./figure.js";
import { figureTable } from "./figure.js";
import { measureFirstPaint } from "./measure-first-paint.js";
import { measureMap } from "./measure-map.js";
import { measureMemory } from "./measure-memory.js";
import { measureScrolling } from "./measure-scrolling.js";
import { watchPages } from "./page-clock.js";
import { writeSparseCheckpoint } from "./sparse-checkpoint.js";

const PACKAGE: string = join(import.meta.dirname, "..");

export interface BenchContext {
  readonly workbench: Workbench;
  readonly serverPid: number;
  /** Folder of the models, which the workbench shows. */
  readonly models: string;
}

/** Every measurement gets a workbench of its own, so that none pays for what another left in memory. */
const MEASUREMENTS: readonly {
  readonly name: string;
  readonly prepare: (models: string) => void;
  readonly measure: (context: BenchContext) => Promise<Figure[]>;
}[] = [
  {
    name: "first paint, 10 000 tensors",
    prepare: (models) => writeSparseCheckpoint(join(models, "many"), { weights: 10_000, rows: 64, columns: 128 }),
    measure: (context) => measureFirstPaint(context, "many/model.safetensors", "10 000 tensors", 500, 5),
  },
  {
    name: "first paint and scrolling, 500 000 entries",
    prepare: (models) =>
      writeSparseCheckpoint(join(models, "index"), { weights: 500_000, rows: 64, columns: 128, shards: 100 }),
    measure: async (context) => [
      ...(await measureFirstPaint(context, "index/model.safetensors.index.json", "index of 500 000", 3000, 3)),
      ...(await measureScrolling(context, "index/model.safetensors.index.json")),
    ],
  },
  {
    name: "outlier map",
    prepare: (models) =>
      writeSparseCheckpoint(join(models, "wide"), { weights: 3, rows: 4096, columns: 11008, isFilled: true }),
    measure: (context) => measureMap(context, "wide/model.safetensors", 3),
  },
  {
    name: "memory, 10 GB",
    prepare: (models) => writeSparseCheckpoint(join(models, "tall"), { weights: 112, rows: 4096, columns: 11008 }),
    measure: (context) => measureMemory(context, "tall/model.safetensors"),
  },
];

/** Prints the table. Answers whether every figure is within its limit. */
export async function runBench(only: string): Promise<boolean> {
  const vsix = process.env["LOWBIT_VSIX"] ?? packageExtension();
  const megabytes = statSync(vsix).size / 1e6;
  const figures: Figure[] = [{ name: "VSIX", value: megabytes, unit: "MB", limit: 2, note: "" }];
  const browser = await launchBrowser();
  try {
    for (const measurement of MEASUREMENTS)
      if (measurement.name.includes(only)) figures.push(...(await inWorkbench(browser, vsix, measurement)));
  } finally {
    await browser.close();
  }
  console.log(figureTable(figures));
  console.log(`${cpus().length} CPUs (${cpus()[0]?.model}), load ${loadavg()[0]?.toFixed(1)} at the end`);
  return figures.every(({ value, limit }) => limit === undefined || value <= limit);
}

async function inWorkbench(
  browser: Browser,
  vsix: string,
  measurement: (typeof MEASUREMENTS)[number],
): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lowbit-bench-"));
  try {
    const models = join(home, "models");
    mkdirSync(models);
    measurement.prepare(models);
    console.log(`${measurement.name} (load ${loadavg()[0]?.toFixed(1)})`);
    // Without native kernels: most users have none.
    const settings = { "lowbit.backend": "wasm" };
    const server = await startCodeServer({ home: join(home, "server"), vsix, settings });
    try {
      const workbench = await Workbench.open(browser, server.url, models, watchPages);
      try {
        return await measurement.measure({ workbench, serverPid: server.pid, models });
      } finally {
        await workbench.close();
      }
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function packageExtension(): string {
  const made = spawnSync(process.execPath, ["scripts/package-extension.mjs"], { cwd: PACKAGE, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`the extension could not be packaged:\n${made.stdout}${made.stderr}`);
  return join(PACKAGE, "dist-vsix", "lowbit-vscode.vsix");
}
