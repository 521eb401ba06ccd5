export { GGUF_ATTACKS, GGUF_MODEL_ATTACKS } from "./gguf-attacks.mjs";
export { HEADER_ATTACKS } from "./header-attacks.mjs";
export { MODEL_ATTACKS } from "./model-attacks.mjs";
