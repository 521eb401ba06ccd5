export { type GptqOptions, gptq } from "./gptq.js";
