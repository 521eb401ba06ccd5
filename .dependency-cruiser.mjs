// Import directions of ARCHITECTURE.md, checked on the TypeScript sources (type imports included).

/** Rooms of core by layer; a room may import rooms of its own layer only where `siblings` says so, and of lower layers. */
const CORE_LAYERS = [
  ["errors", "bytes", "dtype"],
  ["tensor", "bitpack", "linalg"],
  ["backend", "terms", "safetensors", "blocks", "gguf"],
  ["layouts", "quantizers", "analysis"],
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
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|build)/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".mjs"],
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
    },
  },
};
