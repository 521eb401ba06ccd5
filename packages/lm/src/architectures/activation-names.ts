import type { ActivationKind } from "@lowbit/core/backend";

/** `hidden_act` of config.json and our names of the same functions. */
export const ACTIVATION_NAMES: Readonly<Record<string, ActivationKind>> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_new: "gelu-tanh",
  gelu_pytorch_tanh: "gelu-tanh",
  gelu_fast: "gelu-tanh",
  relu: "relu",
  relu2: "relu2",
};
