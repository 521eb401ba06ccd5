export { type PbLlmOptions, pbLlm } from "./pb-llm.js";
