import type { LayerStatistics, Method } from "@lowbit/core/quantizers";
import type { RowBlock } from "@lowbit/core/tensor";
import type { InputTransform } from "@lowbit/core/terms";

/** How one weight is to be quantized. */
export interface LayerChoice {
  readonly method: Method;
  /** Every option of the method with its value. */
  readonly options: object;
  /** Of the layer's inputs, before those of the method, in the order in which they apply to x. */
  readonly transforms?: readonly InputTransform[];
}

/** A weight before it is quantized. */
export interface OriginalWeight {
  /** In messages. */
  readonly name: string;
  /** As stored; its values are left as they are. */
  readonly weights: RowBlock;
  /** Of plain inputs. Absent where there are none. */
  readonly statistics?: LayerStatistics;
}
