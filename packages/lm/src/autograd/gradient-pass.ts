import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import type { ActivationBits } from "../forward/activation-precision.js";
import { ComputeOps, type LinearObserver } from "../forward/compute-ops.js";
import { isFiniteArray } from "../forward/is-finite-array.js";
import { type PassContext, runBlock } from "../forward/run-block.js";
import { passContext } from "../forward/run-model.js";
import type { Tensor } from "../forward/tensor.js";
import type { TensorPool } from "../forward/tensor-pool.js";
import { type PartAccess, withPart } from "../model/part-access.js";
import type { GradientVisitor } from "./gradient-visitor.js";
import { headLoss } from "./head-loss.js";
import { NO_PARAMETERS, type Parameter, type ParameterGradients, type ParameterKind } from "./parameter-gradients.js";
import { RecordingOps } from "./recording-ops.js";
import { countedRows, type ScoredBatch } from "./scored-batch.js";
import { StreamedGradients } from "./streamed-gradients.js";
import { SummedGradients } from "./summed-gradients.js";

interface GradientPassSettings {
  readonly wantsAll: boolean;
  readonly rounding: { readonly activationBits?: ActivationBits };
  readonly headRows?: number;
}

const MATRICES: ReadonlySet<ParameterKind> = new Set(["linear"]);
const ALL_OF_BLOCKS: ReadonlySet<ParameterKind> = new Set(["linear", "bias", "norm"]);

/** The steps of `weightGradients`, in the order of the methods. */
export class GradientPass {
  readonly #parts: PartAccess;
  readonly #backend: KernelBackend;
  readonly #pool: TensorPool;
  readonly #batch: ScoredBatch;
  readonly #visit: GradientVisitor;
  readonly #settings: GradientPassSettings;
  readonly #rows: Uint32Array;
  readonly #context: PassContext;
  /** What goes into every block, and into the head. */
  readonly #inputs: Float32Array[] = [];
  /** Gradients of the head and the tables. */
  readonly #ends: SummedGradients;
  /** Of the loss by what came out of the block that is next on the way back. */
  #gradient: Tensor | undefined;
  #tableName = "";

  /** @throws `gradient/invalid-batch` */
  constructor(
    parts: PartAccess,
    backend: KernelBackend,
    pool: TensorPool,
    batch: ScoredBatch,
    visit: GradientVisitor,
    settings: GradientPassSettings,
  ) {
    this.#parts = parts;
    this.#backend = backend;
    this.#pool = pool;
    this.#batch = batch;
    this.#visit = visit;
    this.#settings = settings;
    this.#rows = countedRows(batch);
    this.#context = passContext(parts, batch);
    this.#ends = new SummedGradients(pool, (parameter) => this.#identify(parameter));
  }

  async runForward(): Promise<void> {
    const ops = new ComputeOps(this.#backend, this.#settings.rounding, this.#pool);
    const keep = (x: Tensor) => {
      this.#inputs.push(x.values.slice());
      ops.release(x);
    };
    await withPart(this.#parts.loadEmbedding(), (embedding) => {
      this.#tableName = embedding.tokens.name;
      keep(ops.scope(() => ops.embed(embedding, this.#batch.tokens, this.#context.positions)));
    });
    for (let index = 0; index < this.#parts.config.blockCount; index++) {
      await withPart(this.#parts.loadBlock(index), (block) =>
        this.#withInput(index, (x) => keep(runBlock(ops, block, x, this.#context))),
      );
    }
  }

  /** The loss. @throws `gradient/non-finite-loss` */
  async runHead(): Promise<number> {
    const { wantsAll, headRows } = this.#settings;
    const dx = this.#pool.allocate(this.#batch.tokens.length, this.#parts.config.hiddenSize);
    this.#gradient = dx;
    const loss = await withPart(this.#parts.loadHead(), (head) =>
      this.#withInput(this.#parts.config.blockCount, (x) =>
        this.#recorded(wantsAll ? this.#ends : NO_PARAMETERS, (ops) =>
          headLoss(
            { ops, backend: this.#backend, pool: this.#pool },
            head,
            x,
            this.#rows,
            this.#batch.targets,
            dx,
            headRows,
          ),
        ),
      ),
    );
    if (!Number.isFinite(loss)) await this.#refuseLoss(loss);
    this.#refuseGradient("the head");
    // A tied matrix is complete only after the embedding.
    this.#ends.visit(this.#visit, ({ kind }) => kind !== "embedding");
    this.#inputs.pop();
    return loss;
  }

  /** @throws `gradient/non-finite-loss` */
  async runBlocksBack(): Promise<void> {
    const kinds = this.#settings.wantsAll ? ALL_OF_BLOCKS : MATRICES;
    const parameters = new StreamedGradients(this.#pool, kinds, this.#visit);
    for (let index = this.#parts.config.blockCount - 1; index >= 0; index--) {
      await withPart(this.#parts.loadBlock(index), (block) =>
        this.#withInput(index, (x) =>
          this.#recorded(parameters, (ops) => {
            const y = runBlock(ops, block, x, this.#context);
            this.#gradient = ops.backward(y, this.#takeGradient(), [x])[0]!;
          }),
        ),
      );
      this.#inputs.pop();
      this.#refuseGradient(`block ${index}`);
    }
  }

  /** @throws `gradient/non-finite-loss` */
  async runTablesBack(): Promise<void> {
    if (!this.#settings.wantsAll) return;
    await withPart(this.#parts.loadEmbedding(), (embedding) =>
      this.#recorded(this.#ends, (ops) => {
        const x = ops.embed(embedding, this.#batch.tokens, this.#context.positions);
        ops.backward(x, this.#takeGradient(), []);
      }),
    );
    this.#ends.visit(this.#visit);
  }

  /** Frees what is held, whether the pass came to its end or not. */
  clear(): void {
    this.#ends.clear();
    if (this.#gradient !== undefined) this.#pool.giveBack(this.#takeGradient().buffer);
  }

  #takeGradient(): Tensor {
    const gradient = this.#gradient!;
    this.#gradient = undefined;
    return gradient;
  }

  #withInput<R>(index: number, use: (x: Tensor) => R): R {
    const values = this.#inputs[index]!;
    const { hiddenSize } = this.#parts.config;
    const x = this.#pool.allocate(values.length / hiddenSize, hiddenSize);
    try {
      x.values.set(values);
      return use(x);
    } finally {
      this.#pool.giveBack(x.buffer);
    }
  }

  #recorded<R>(parameters: ParameterGradients, run: (ops: RecordingOps) => R): R {
    const ops = new RecordingOps(this.#backend, { ...this.#settings.rounding, parameters }, this.#pool);
    try {
      return run(ops);
    } finally {
      ops.clear();
    }
  }

  /** The head's matrix is known as `head`, or as the table that it is tied to. */
  #identify(parameter: Parameter): Parameter {
    if (parameter.kind !== "linear") return parameter;
    if (!this.#parts.config.isTied) return { ...parameter, kind: "head" };
    return { ...parameter, name: this.#tableName, kind: "embedding" };
  }

  /** Names the first layer whose output is not finite, by running the block where it began once more. */
  async #refuseLoss(loss: number): Promise<never> {
    const first = this.#inputs.findIndex((values) => !isFiniteArray(values));
    if (first < 0) return refuseLoss(loss, "the head");
    if (first === 0) return refuseLoss(loss, "the embedding");
    let layerName: string | undefined;
    const onLinear: LinearObserver = (layer, _, y) => {
      if (layerName === undefined && !isFiniteArray(y.values)) layerName = layer.name;
    };
    const ops = new ComputeOps(this.#backend, { ...this.#settings.rounding, onLinear }, this.#pool);
    await withPart(this.#parts.loadBlock(first - 1), (block) =>
      this.#withInput(first - 1, (x) => ops.release(runBlock(ops, block, x, this.#context))),
    );
    return refuseLoss(loss, `block ${first - 1}`, layerName);
  }

  #refuseGradient(where: string): void {
    if (this.#gradient === undefined || isFiniteArray(this.#gradient.values)) return;
    throw new LowbitError(
      "gradient/non-finite-loss",
      `The loss is finite, but its gradient by the input of ${where} is not; gradients nearer to the loss are.`,
      { where },
    );
  }
}

function refuseLoss(loss: number, where: string, layer?: string): never {
  throw new LowbitError(
    "gradient/non-finite-loss",
    `The loss is ${loss}; ${layer === undefined ? `what comes out of ${where}` : `the output of ${layer} in ${where}`} is the first that is not finite.`,
    { loss: String(loss), where, ...(layer !== undefined && { layer }) },
  );
}
