export type { NativeInstructionSet } from "./load-binding.js";
export { createNativeBackend, describeNativeBuild, type NativeBackendOptions } from "./native-backend.js";
