#!/usr/bin/env node
import { reportFailure } from "./output/failure.js";
import { createProgram } from "./program.js";

const program = createProgram();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error, { json: process.argv.includes("--json") });
}
