import type { Tensor } from "../forward/tensor.js";
import type { NormLayer } from "../model/layers.js";
import { type GradientContext, withZeros } from "./gradient-context.js";
import { vectorParameter } from "./parameter-gradients.js";

export function normGradient(context: GradientContext, layer: NormLayer, x: Tensor, dy: Tensor): void {
  const { tape, backend, parameters } = context;
  const { kind, weight, bias, epsilon } = layer;
  const size = weight.values.length;
  const dx = tape.gradient(x);
  withZeros(context, 1, size, (dWeight) =>
    withZeros(context, 1, size, (dBias) => {
      const rows = x.reshape(size);
      if (kind === "rms") {
        backend.rmsNormGradient(rows, weight.values, epsilon, dy.values, dx.values, dWeight.values);
      } else {
        const biasSums = bias === undefined ? null : dBias.values;
        backend.layerNormGradient(rows, weight.values, epsilon, dy.values, dx.values, dWeight.values, biasSums);
      }
      const found = [{ vector: weight, sums: dWeight }, ...(bias === undefined ? [] : [{ vector: bias, sums: dBias }])];
      for (const { vector, sums } of found) {
        const parameter = vectorParameter("norm", vector);
        if (parameters.wants(parameter)) parameters.accept(parameter, (target) => backend.addTo(sums.values, target));
      }
    }),
  );
}
