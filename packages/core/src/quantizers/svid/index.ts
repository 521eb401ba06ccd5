export { type SvidOptions, svid } from "./svid.js";
