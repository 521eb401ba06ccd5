export { type RtnOptions, rtn } from "./rtn.js";
