import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { createWorkspace, workspaceByteLength } from "./workspace.js";

const SIZES = { rawBytes: 1001, blockWeights: 333, blockRows: 7, termBytes: 129 };

describe("createWorkspace", () => {
  it("gives parts of the sizes asked for, aligned and apart", () => {
    const workspace = createWorkspace(createReferenceBackend(), SIZES);
    const { raw, values, approximation, terms, errors } = workspace.views();
    expect(raw.map(({ byteLength }) => byteLength)).toEqual([1001, 1001]);
    expect([values.length, approximation.length, terms.length]).toEqual([333, 333, 129]);
    const parts: ArrayBufferView[] = [
      ...raw,
      values,
      approximation,
      terms,
      ...(Object.values(errors) as ArrayBufferView[]),
    ];
    for (const part of parts.slice(5)) expect(part.byteLength).toBeGreaterThanOrEqual(7 * 4);
    const ordered = parts.toSorted((left, right) => left.byteOffset - right.byteOffset);
    let end = 0;
    for (const { byteOffset, byteLength } of ordered) {
      expect(byteOffset % 64).toBe(0);
      expect(byteOffset).toBeGreaterThanOrEqual(end);
      end = byteOffset + byteLength;
    }
    expect(end).toBeLessThanOrEqual(workspaceByteLength(SIZES));
    workspace.release();
  });

  it("makes its views once, and again when the backend has moved its memory", () => {
    let memory = new ArrayBuffer(workspaceByteLength(SIZES));
    const backend = {
      ...createReferenceBackend(),
      allocate: (byteLength: number) => ({
        byteLength,
        bytes: () => new Uint8Array(memory, 0, byteLength),
        floats: () => new Float32Array(memory),
        release: () => {},
      }),
    };
    const workspace = createWorkspace(backend, SIZES);
    const before = workspace.views();
    expect(workspace.views()).toBe(before);
    memory = memory.transfer(memory.byteLength + 64);
    expect(workspace.views().values.buffer).toBe(memory);
    expect(workspace.views().raw[0].byteLength).toBe(1001);
  });
});
