// Import directions of ARCHITECTURE.md, checked on the TypeScript sources (type imports included).

/** Rooms of core by layer; a room may import rooms of its own layer only where `siblings` says so, and of lower layers. */
const CORE_LAYERS = [
  ["errors", "bytes", "dtype"],
  ["tensor", "bitpack", "linalg"],
  ["backend", "terms", "safetensors", "blocks", "gguf"],
  ["checkpoint", "layouts", "quantizers", "analysis"],
  ["pipeline"],
];
/** Sideways imports that are part of the design. */
const SIBLINGS = {
  bytes: ["errors"],
  dtype: ["errors"],
  tensor: ["linalg"],
  bitpack: ["linalg"],
  backend: ["terms", "blocks"],
  terms: ["backend"],
  blocks: ["terms"],
  safetensors: ["blocks"],
  gguf: ["blocks", "safetensors"],
};

const core = "^packages/core/src/";
/** Tests and what only tests use. */
const tests = "\\.(test|fixture)\\.ts$";
const coreRules = CORE_LAYERS.flatMap((rooms, layer) =>
  rooms.map((room) => {
    const allowed = [room, ...CORE_LAYERS.slice(0, layer).flat(), ...(SIBLINGS[room] ?? [])];
    return {
      name: `core-${room}`,
      comment: `${room}/ may import ${allowed.join(", ")}`,
      severity: "error",
      from: { path: `${core}${room}/`, pathNot: tests },
      to: { path: core, pathNot: `${core}(${allowed.join("|")})/` },
    };
  }),
);

/** Rooms of lm by layer, as in core. */
const LM_LAYERS = [
  ["model", "architectures", "gguf"],
  ["forward", "tokenizer"],
  ["cache", "autograd"],
  ["generate", "evaluate"],
  ["calibration"],
  ["transform"],
  ["quantize"],
];
const lm = "^packages/lm/src/";
const lmRules = LM_LAYERS.flatMap((rooms, layer) =>
  rooms.map((room) => {
    const siblings = {
      model: ["architectures"],
      architectures: ["model"],
      gguf: ["model", "architectures", "tokenizer"],
    };
    const allowed = [room, ...LM_LAYERS.slice(0, layer).flat(), ...(siblings[room] ?? [])];
    return {
      name: `lm-${room}`,
      comment: `${room}/ may import ${allowed.join(", ")}`,
      severity: "error",
      from: { path: `${lm}${room}/`, pathNot: tests },
      to: { path: lm, pathNot: `${lm}(${allowed.join("|")})/` },
    };
  }),
);

const extension = "^packages/vscode-ext/src/";
/** What each folder of the extension may import of the extension, of our packages, and of others. */
const EXTENSION_FOLDERS = {
  protocol: { folders: [], packages: [], modules: ["valibot"] },
  engine: { folders: ["protocol"], packages: ["core", "lm", "kernels-wasm", "kernels-native"], modules: ["picomatch"] },
  host: { folders: ["protocol"], packages: [], modules: ["@types/vscode"] },
  webview: { folders: ["protocol"], packages: [], modules: ["lit", "uplot", "@vscode-elements", "@vscode/l10n"] },
};
const extensionRules = Object.entries(EXTENSION_FOLDERS).flatMap(([folder, { folders, packages, modules }]) => {
  const from = { path: `${extension}${folder}/`, pathNot: tests };
  const ownFolders = [folder, ...folders].join("|");
  const ownPackages = ["vscode-ext", ...packages].join("|");
  return [
    {
      name: `extension-${folder}`,
      comment: `${folder}/ may import ${[...folders, ...packages, ...modules].join(", ") || "nothing"}`,
      severity: "error",
      from,
      to: { path: `^packages/(?!(${ownPackages})/)|${extension}(?!(${ownFolders})/)` },
    },
    {
      name: `extension-${folder}-libraries`,
      severity: "error",
      from,
      to: { path: "node_modules/", pathNot: `node_modules/(${["@lowbit", ...modules].join("|")})/` },
    },
  ];
});
/** The only files of the extension that need Node; the others run in browsers, too. */
const extensionNodeFiles = `${extension}(host/(extension|launch-engine-process)|engine/(engine-process|node/.*))\\.ts$`;
extensionRules.push(
  {
    name: "extension-is-portable",
    severity: "error",
    from: { path: extension, pathNot: `${extensionNodeFiles}|${tests}` },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "only-the-host-sees-vscode",
    comment: "the editor provides the module; it is no package",
    severity: "error",
    from: { path: "^packages/", pathNot: `${extension}host/|^packages/vscode-ext/test-electron/` },
    to: { path: "^vscode$" },
  },
);

export default {
  forbidden: [
    ...coreRules,
    {
      name: "no-cycles",
      severity: "error",
      from: { pathNot: tests },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "core-is-portable",
      comment: "Node only inside src/node/; everything else runs in browsers",
      severity: "error",
      from: { path: core, pathNot: `${core}node/|${tests}` },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "core-has-no-dependencies",
      severity: "error",
      from: { path: core, pathNot: tests },
      to: { path: "node_modules|^packages/(?!core/)" },
    },
    {
      name: "kernels-know-only-core",
      severity: "error",
      from: { path: "^packages/kernels-(wasm|native)/src/", pathNot: tests },
      to: { path: "^packages/(?!core/|kernels-(wasm|native)/)" },
    },
    {
      name: "lm-knows-only-core",
      comment: "and the tokenizer libraries; backends are brought by the application",
      severity: "error",
      from: { path: "^packages/lm/src/", pathNot: tests },
      to: { path: "^packages/(?!core/|lm/)|node_modules/(?!@huggingface/|\\.pnpm/@huggingface)" },
    },
    {
      name: "lm-is-portable",
      comment: "Node only inside src/node/",
      severity: "error",
      from: { path: "^packages/lm/src/", pathNot: `^packages/lm/src/node/|${tests}` },
      to: { dependencyTypes: ["core"] },
    },
    ...lmRules,
    {
      name: "nothing-depends-on-the-cli",
      severity: "error",
      from: { path: "^packages/(?!cli/)" },
      to: { path: "^packages/cli/" },
    },
    {
      name: "nothing-depends-on-the-extension",
      severity: "error",
      from: { path: "^packages/(?!vscode-ext/)" },
      to: { path: "^packages/vscode-ext/" },
    },
    ...extensionRules,
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^vscode$" } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    // Another package is seen as its built declarations: the edge counts, what lies behind it does not.
    doNotFollow: { path: "node_modules|(^|/)(dist|build)/" },
    exclude: { path: "(^|/)(dist|build)/.*(?<!\\.d\\.ts)$" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".mjs"],
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
    },
  },
};
