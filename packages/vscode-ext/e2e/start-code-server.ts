import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const ROOT: string = join(import.meta.dirname, "..", "..", "..");
const ENTRY: string = join(ROOT, ".tools", "code-server", "node_modules", "code-server", "out", "node", "entry.js");
const LOCAL_NODE: string = join(ROOT, ".tools", "node_modules", ".bin", "node");

export interface CodeServer {
  readonly url: string;
  readonly settingsPath: string;
  /** Of the server and of every process below it. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Settings of every test: nothing that moves, asks or looks for the network. */
export const QUIET_SETTINGS: Readonly<Record<string, unknown>> = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "workbench.editor.enablePreview": false,
  "window.menuBarVisibility": "compact",
  "window.confirmBeforeClose": "never",
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "git.enabled": false,
  "files.simpleDialog.enable": true,
  "explorer.compactFolders": false,
  // Headers that stay in view would lie over the rows that are to be clicked.
  "workbench.tree.enableStickyScroll": false,
  "explorer.autoReveal": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.colorTheme": "Light Modern",
  "window.autoDetectColorScheme": false,
  "window.autoDetectHighContrast": false,
};

/**
 * Starts a workbench server with one extension installed, on a free port of 127.0.0.1, with user data of its own under
 * `home`. Throws with the server's output when it does not come up.
 */
export async function startCodeServer(options: {
  readonly home: string;
  readonly vsix: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}): Promise<CodeServer> {
  if (!existsSync(ENTRY)) throw new Error("code-server is not installed; run: npm run setup -- --test");
  const { home, vsix } = options;
  const userData = join(home, "data");
  const settingsPath = join(userData, "User", "settings.json");
  mkdirSync(join(userData, "User"), { recursive: true });
  writeFileSync(settingsPath, JSON.stringify({ ...QUIET_SETTINGS, ...options.settings }, undefined, 2));
  writeFileSync(join(home, "config.yaml"), "");
  const environment: NodeJS.ProcessEnv = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
  // A workbench that was started from a terminal of VS Code would talk to that one, and vitest's settings are not for it.
  for (const name of Object.keys(environment))
    if (/^(VSCODE_|ELECTRON_|VITEST|NODE_OPTIONS)/.test(name)) delete environment[name];
  const shared = [
    ENTRY,
    "--config",
    join(home, "config.yaml"),
    "--user-data-dir",
    userData,
    "--extensions-dir",
    join(home, "extensions"),
  ];

  const installed = spawnSync(LOCAL_NODE_OR_OWN, [...shared, "--install-extension", vsix], {
    env: environment,
    encoding: "utf8",
  });
  if (installed.status !== 0 || !/successfully installed/.test(installed.stdout))
    throw new Error(`the workbench refused to install ${vsix}:\n${installed.stdout}${installed.stderr}`);

  const port = await freePort();
  const flags = [
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-workspace-trust",
    "--disable-getting-started-override",
    "--ignore-last-opened",
  ];
  const server = spawn(LOCAL_NODE_OR_OWN, [...shared, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`, ...flags], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-20_000);
  };
  server.stdout.on("data", keep);
  server.stderr.on("data", keep);
  const url = `http://127.0.0.1:${port}`;
  await untilHealthy(url, server, () => output);
  return { url, settingsPath, pid: server.pid ?? -1, stop: () => stopServer(server) };
}

/** The server demands Node 24; the tools' own is one. */
const LOCAL_NODE_OR_OWN: string = existsSync(LOCAL_NODE) ? LOCAL_NODE : process.execPath;

async function untilHealthy(url: string, server: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`the workbench server ended with ${server.exitCode}:\n${output()}`);
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the workbench server did not answer within 60 s:\n${output()}`);
}

/** The whole group: extension hosts and engines are processes of their own. */
async function stopServer(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  try {
    process.kill(-server.pid, "SIGTERM");
  } catch {
    return;
  }
  const forced = setTimeout(() => {
    try {
      process.kill(-(server.pid ?? 0), "SIGKILL");
    } catch {}
  }, 5000);
  await ended;
  clearTimeout(forced);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
