import { defineBackendConformance } from "@lowbit/kernels-conformance";
import { createNativeBackend, describeNativeBuild } from "./index.js";

for (const { name, runs } of describeNativeBuild().instructionSets) {
  if (!runs) {
    console.log(`SKIPPED: this CPU lacks ${name}; its conformance is not checked here`);
    continue;
  }
  defineBackendConformance(`native ${name}, 1 thread`, () => createNativeBackend({ isa: name, threads: 1 }));
}
