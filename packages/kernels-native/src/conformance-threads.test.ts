import { defineBackendConformance } from "@lowbit/kernels-conformance";
import { createNativeBackend, describeNativeBuild } from "./index.js";

// No result may depend on how rows are shared. A file of its own, so that it runs beside the one with one thread.
for (const { name, runs } of describeNativeBuild().instructionSets) {
  if (runs) defineBackendConformance(`native ${name}, 3 threads`, () => createNativeBackend({ isa: name, threads: 3 }));
}
