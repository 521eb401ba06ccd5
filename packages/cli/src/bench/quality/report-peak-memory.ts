import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

// Imported into a child process before its command: at the end it tells its peak memory in bytes on file descriptor 3.
// Workers import it as well.
if (isMainThread) process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS * 1024)));
