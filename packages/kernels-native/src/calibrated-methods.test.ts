import { defineCalibratedMethods } from "@lowbit/kernels-conformance";
import { createNativeBackend } from "./index.js";

defineCalibratedMethods("native", (threads) => createNativeBackend({ threads }));
