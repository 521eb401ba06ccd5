import { readdirSync, readFileSync } from "node:fs";
import { byId, goTo, pickWeight } from "../e2e/page.js";
import type { BenchContext } from "./bench.js";
import type { Figure } from "./figure.js";
import { weightName } from "./sparse-checkpoint.js";

const EXTENSION_HOST = /--type=extensionHost/;
const ENGINE = /engine\.mjs/;

/** Resident memory of extension host and engine while the pages of a 10 GB model are looked at (Linux only: /proc). */
export async function measureMemory({ workbench, serverPid }: BenchContext, path: string): Promise<Figure[]> {
  await workbench.page.waitForTimeout(5000);
  if (findProcesses(serverPid, ENGINE).length > 0) throw new Error("the engine runs before a model was opened");
  const before = residentBytes(one(findProcesses(serverPid, EXTENSION_HOST), "extension hosts"), "VmRSS");
  const frame = await workbench.openModel(path);
  await goTo(frame, "layers");
  await goTo(frame, "tensor");
  await pickWeight(frame, weightName(0), "tensor-pick");
  await frame.locator('[data-testid="outlier-map"][data-state="complete"]').waitFor();
  await goTo(frame, "overview");
  await byId(frame, "overview-facts").waitFor();
  await workbench.page.waitForTimeout(5000);
  const host = one(findProcesses(serverPid, EXTENSION_HOST), "extension hosts");
  const engine = one(findProcesses(serverPid, ENGINE), "engines");
  const megabytes = (bytes: number): number => bytes / 1e6;
  const after = residentBytes(host, "VmRSS");
  const peak = residentBytes(host, "VmHWM");
  return [
    {
      // The workbench's own extensions live in the same process, and alone need more than our limit.
      name: "10 GB model: what our extension adds to the extension host",
      value: megabytes(after - before),
      unit: "MB",
      limit: 150,
      note: `extension host ${megabytes(before).toFixed(1)} MB without our extension, ${megabytes(after).toFixed(1)} MB with it, peak ${megabytes(peak).toFixed(1)} MB`,
    },
    {
      name: "10 GB model: engine",
      value: megabytes(residentBytes(engine, "VmRSS")),
      unit: "MB",
      limit: 150,
      note: `peak ${megabytes(residentBytes(engine, "VmHWM")).toFixed(1)} MB`,
    },
  ];
}

function one(processes: readonly number[], what: string): number {
  const [first] = processes;
  if (first === undefined || processes.length > 1) throw new Error(`there are ${processes.length} ${what}, not one`);
  return first;
}

/** Processes below one whose command line matches. */
function findProcesses(root: number, pattern: RegExp): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc"))
    if (/^\d+$/.test(name)) {
      const stat = readProc(Number(name), "stat");
      // The second field is a program's name in parentheses, which can hold anything.
      const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (parent !== undefined) parents.set(Number(name), Number(parent));
    }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter((pid) => pattern.test(readProc(pid, "cmdline")) && isBelow(pid));
}

function residentBytes(pid: number, field: "VmRSS" | "VmHWM"): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readProc(pid, "status"))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} is gone`);
  return Number(kilobytes) * 1024;
}

/** Empty when the process has ended meanwhile. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
