export { type GptqtOptions, gptqt } from "./gptqt.js";
