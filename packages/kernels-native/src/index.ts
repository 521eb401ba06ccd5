export { createNativeBackend, describeNativeBuild, type NativeBackendOptions } from "./native-backend.js";
export type { NativeInstructionSet } from "./load-binding.js";
