export { type ArbLlmOptions, arbLlm } from "./arb-llm.js";
