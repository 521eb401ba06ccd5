import { fileURLToPath } from "node:url";

/** Lets tests of the kernel packages use the sources of core, so that they need no build of it. */
export const CORE_SOURCE_ALIAS: { find: RegExp; replacement: string }[] = [
  { find: /^@lowbit\/core\/(.+)$/, replacement: fileURLToPath(new URL("../core/src/$1/index.ts", import.meta.url)) },
  { find: /^@lowbit\/core$/, replacement: fileURLToPath(new URL("../core/src/index.ts", import.meta.url)) },
];
