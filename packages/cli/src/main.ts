#!/usr/bin/env node
import { EXIT_CODES } from "./exit-codes.js";

// The rest is imported after this check, so that an old Node is named instead of failing at a missing function.
const LEAST_NODE = [22, 12] as const;
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
  process.stderr.write(`lowbit needs Node ${LEAST_NODE.join(".")} or newer; this is Node ${process.versions.node}.\n`);
  process.exitCode = EXIT_CODES.failure;
} else {
  try {
    const { run } = await import("./run.js");
    process.exitCode = await run();
  } catch (error) {
    // A damaged installation: Node's own exit code would be 1, which means "the answer is no" here.
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = EXIT_CODES.failure;
  }
}
