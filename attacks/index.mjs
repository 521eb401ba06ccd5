export { HEADER_ATTACKS } from "./header-attacks.mjs";
export { MODEL_ATTACKS } from "./model-attacks.mjs";
