import { availableParallelism, cpus, totalmem } from "node:os";
import type { BackendName } from "@lowbit/core/backend";
import { isLowbitError } from "@lowbit/core/errors";
import { describeNativeBuild } from "@lowbit/kernels-native";
import type { Command } from "commander";
import { backendOption } from "../backend-choice.js";
import { openBackend } from "../create-backend.js";
import { EXIT_CODES } from "../exit-codes.js";
import { printJson } from "../output/json.js";
import { formatBytes } from "../output/quantities.js";
import { paint } from "../output/style.js";

/** `lowbit doctor`: which kernels run here, what was tried, why not faster ones, what to type. */
export function declareDoctor(program: Command): void {
  program
    .command("doctor")
    .description("show which kernels run here, what was tried, and why faster ones were not taken")
    .addOption(backendOption())
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  lowbit doctor\n  LOWBIT_ISA=avx2 lowbit doctor --backend native")
    .action(async (options: { backend?: BackendName; json?: boolean }) => {
      const diagnosis = await diagnose(options.backend);
      if (options.json) printJson(diagnosis);
      else console.log(renderDiagnosis(diagnosis));
      if (!diagnosis.backend) process.exitCode = EXIT_CODES.failure;
    });
}

type Diagnosis = Awaited<ReturnType<typeof diagnose>>;

async function diagnose(wish: BackendName | undefined) {
  return {
    ...(await chosenBackend(wish)),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    forcedInstructionSet: process.env["LOWBIT_ISA"],
    native: nativeBuild(),
  };
}

/** What is taken; or why nothing can be, which is an answer too, and exit code 3. */
async function chosenBackend(wish: BackendName | undefined) {
  try {
    const { backend, attempts } = await openBackend(wish);
    const { name, isa, borrowedOps } = backend;
    backend.close();
    return { backend: { name, isa, borrowedOps: [...borrowedOps] }, attempts };
  } catch (error) {
    if (!isLowbitError(error)) throw error;
    const reasons = (error.facts["reasons"] as readonly string[] | undefined) ?? [error.message];
    const attempts = reasons.map((text) => {
      const colon = text.indexOf(": ");
      return { name: text.slice(0, colon), taken: false, reason: text.slice(colon + 2) };
    });
    return { attempts };
  }
}

function nativeBuild() {
  try {
    return describeNativeBuild();
  } catch (error) {
    if (!isLowbitError(error)) throw error;
    return { unavailable: error.message };
  }
}

function renderDiagnosis({
  node,
  platform,
  cpu,
  processors,
  memoryBytes,
  forcedInstructionSet,
  backend,
  attempts,
  native,
}: Diagnosis): string {
  const taken = backend
    ? `${paint("green", backend.name)} on ${paint("green", backend.isa)}`
    : paint("red", "none can run");
  const lines = [
    `${paint("bold", "machine")}   ${platform}, ${cpu}, ${processors} processors, ${formatBytes(memoryBytes)}, Node ${node}`,
    `${paint("bold", "backend")}   ${taken}`,
  ];
  if (forcedInstructionSet !== undefined)
    lines.push(`          LOWBIT_ISA=${forcedInstructionSet} forces the instruction set`);
  for (const { name, taken, reason } of attempts)
    if (!taken) lines.push(`          ${paint("yellow", name)} was not taken: ${reason}`);
  if (backend && backend.borrowedOps.length > 0)
    lines.push(`          ops answered by the reference: ${backend.borrowedOps.join(", ")}`);
  if ("unavailable" in native) {
    lines.push(`${paint("bold", "native")}    ${native.unavailable}`);
  } else {
    lines.push(`${paint("bold", "native")}    built with ${native.compiler}`);
    for (const set of native.instructionSets) {
      lines.push(
        `          ${set.runs ? paint("green", "runs") : paint("dim", "no  ")}  ${set.name.padEnd(12)} ${set.runs ? "" : `needs ${set.needs}`}`.trimEnd(),
      );
    }
  }
  lines.push(
    `${paint("bold", "to type")}   --backend native|wasm|reference chooses, LOWBIT_BACKEND does for every command;`,
    "          LOWBIT_ISA=NAME forces an instruction set; the output is the same to the byte.",
  );
  return lines.join("\n");
}
