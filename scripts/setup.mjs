// Installs what the project needs and this machine lacks. Idempotent: a second run finds everything and is done in a
// second or two. Plain JavaScript without dependencies, for Node 18 or newer.
//
//   node scripts/setup.mjs          what building and running needs
//   node scripts/setup.mjs --test   also what the tests need (cross compiler, emulator, Python with safetensors, a browser
//                                   and a VS Code workbench for the extension)

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setUpCodeServer } from "./setup-code-server.mjs";
import { hasProgram, nodeIsRecent, ROOT, runTool, TOOLS, toolEnvironment } from "./toolchain.mjs";

const PNPM_VERSION = "12.21.0";
const PYTHON_PACKAGES = ["safetensors==0.8.0", "numpy>=2,<3"];

/** Programs from Debian/Ubuntu packages: which program proves that the package is there, and what it is for. */
const BUILD_PACKAGES = [
  { program: "clang++-19", packages: ["clang-19"], purpose: "compiles the WASM kernels" },
  { program: "wasm-ld-19", packages: ["lld-19"], purpose: "links the WASM kernels" },
  { program: "g++", packages: ["g++"], purpose: "compiles the native kernels" },
];
const TEST_PACKAGES = [
  { program: "aarch64-linux-gnu-g++", packages: ["g++-aarch64-linux-gnu"], purpose: "cross-compiles the NEON kernels" },
  { program: "qemu-aarch64", packages: ["qemu-user"], purpose: "runs the NEON kernels" },
  {
    program: "python3",
    packages: ["python3", "python3-venv"],
    purpose: "reads our files with the safetensors package",
  },
  {
    program: "chromium",
    packages: ["chromium"],
    instead: ["chromium-browser", "google-chrome", "google-chrome-stable"],
    purpose: "shows the extension in a VS Code workbench",
  },
];

const forTests = process.argv.includes("--test");

function say(step, text) {
  console.log(`setup: ${step.padEnd(9)} ${text}`);
}

function stop(step, text) {
  console.error(`setup: ${step.padEnd(9)} ${text}`);
  process.exit(1);
}

function setUpNode() {
  const [major] = process.versions.node.split(".").map(Number);
  // The workbench of the tests runs on Node 24 alone.
  const recent = forTests ? major === 24 : nodeIsRecent(process.versions.node);
  if (recent) return say("node", `${process.version} of this machine`);
  const local = join(TOOLS, "node_modules", ".bin", "node");
  const version = existsSync(local) ? spawnSync(local, ["--version"], { encoding: "utf8" }).stdout?.trim() : undefined;
  if (version && nodeIsRecent(version))
    return say("node", `${version} in .tools (the machine's is ${process.version})`);
  say("node", `the machine's ${process.version} is not Node 24; installing Node 24 into .tools`);
  if (npmInstall("node@24") !== 0) {
    stop(
      "node",
      "npm could not install node@24. Install Node 22.12 or newer yourself (https://nodejs.org) and run this again.",
    );
  }
}

function setUpPnpm() {
  const local = join(TOOLS, "node_modules", ".bin", "pnpm");
  const version = existsSync(local)
    ? spawnSync(local, ["--version"], { encoding: "utf8", cwd: ROOT, env: toolEnvironment() }).stdout?.trim()
    : undefined;
  if (version === PNPM_VERSION) return say("pnpm", version);
  say("pnpm", `installing ${PNPM_VERSION} into .tools`);
  if (npmInstall(`pnpm@${PNPM_VERSION}`) !== 0)
    stop("pnpm", `npm could not install pnpm ${PNPM_VERSION}. Check the network and npm's registry.`);
}

function npmInstall(spec) {
  return runTool("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", TOOLS, spec]);
}

function setUpPackages(wanted) {
  const missing = wanted.filter(({ program, instead = [] }) => ![program, ...instead].some(hasProgram));
  if (missing.length === 0) return say("packages", `${wanted.map(({ program }) => program).join(", ")}: all there`);
  for (const { program, purpose } of missing) say("packages", `${program} is missing (${purpose})`);
  const names = missing.flatMap(({ packages }) => packages);
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...names];
  const root = process.getuid?.() === 0;
  const advice = `Install ${names.join(", ")} yourself:\n  sudo ${install.join(" ")}`;
  if (!hasProgram("apt-get")) stop("packages", `this machine has no apt-get. ${advice}`);
  if (!root && !hasProgram("sudo")) stop("packages", `neither root nor sudo. ${advice}`);
  const prefix = root ? [] : ["sudo"];
  const quiet = {
    env: { ...toolEnvironment(), DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["inherit", "ignore", "inherit"],
  };
  say("packages", `installing ${names.join(", ")} with apt-get`);
  const run = (args) => {
    const [command, ...rest] = [...prefix, ...args];
    return runTool(command, rest, quiet);
  };
  if (run(["apt-get", "update", "-qq"]) !== 0 || run(install) !== 0) stop("packages", `apt-get failed. ${advice}`);
}

function setUpDependencies() {
  say("npm", "installing the workspace's packages with pnpm");
  if (runTool("pnpm", ["install", "--frozen-lockfile", "--prefer-offline", "--reporter=silent"]) !== 0) {
    stop("npm", "pnpm install failed; run it by hand to see why: node scripts/run.mjs pnpm install --frozen-lockfile");
  }
}

function setUpPython() {
  const python = join(TOOLS, "python", "bin", "python");
  const ready =
    existsSync(python) && spawnSync(python, ["-c", "import safetensors, numpy"], { stdio: "ignore" }).status === 0;
  if (ready) return say("python", "safetensors and numpy in .tools/python");
  say("python", `installing ${PYTHON_PACKAGES.join(", ")} into .tools/python`);
  const created = runTool("python3", ["-m", "venv", join(TOOLS, "python")]) === 0;
  const installed =
    created &&
    runTool(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...PYTHON_PACKAGES]) === 0;
  if (!installed)
    stop(
      "python",
      "python3 -m venv or pip failed. Install python3-venv (sudo apt-get install python3-venv) and check the network.",
    );
}

function build() {
  say("build", "compiling the packages");
  if (runTool("turbo", ["run", "build", "--output-logs=errors-only"]) !== 0)
    stop("build", "the build failed; its output stands above.");
}

setUpNode();
setUpPnpm();
setUpPackages(forTests ? [...BUILD_PACKAGES, ...TEST_PACKAGES] : BUILD_PACKAGES);
setUpDependencies();
if (forTests) {
  setUpPython();
  setUpCodeServer(say, stop);
}
build();
say("done", "");
