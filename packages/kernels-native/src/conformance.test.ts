import { defineBackendConformance } from "@lowbit/kernels-conformance";
import { createNativeBackend, describeNativeBuild } from "./index.js";

// One thread checks the kernels; three check that no result depends on how rows are shared.
for (const { name, runs } of describeNativeBuild().instructionSets) {
  if (!runs) {
    console.log(`kernels-native: this CPU lacks ${name}; its conformance is not checked here`);
    continue;
  }
  for (const threads of [1, 3]) {
    defineBackendConformance(`native ${name}, ${threads} threads`, () => createNativeBackend({ isa: name, threads }));
  }
}
