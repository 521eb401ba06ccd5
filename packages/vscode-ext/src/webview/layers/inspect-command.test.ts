import { describe, expect, it } from "vitest";
import { inspectCommand } from "./inspect-command.js";
import { FIRST_QUERY } from "./layers-state.js";

const model = { name: "tiny.safetensors" };

describe("inspectCommand", () => {
  it("is the tree, the filtered list or the sorted list", () => {
    expect(inspectCommand(model, FIRST_QUERY)).toBe("lowbit inspect tiny.safetensors --tree");
    expect(inspectCommand(model, { ...FIRST_QUERY, foldEqual: false })).toBe(
      "lowbit inspect tiny.safetensors --tree --all",
    );
    expect(inspectCommand(model, { ...FIRST_QUERY, tree: false, filter: "mlp", sort: "bytes", descending: true })).toBe(
      "lowbit inspect tiny.safetensors --tensor '*mlp*' --sort bytes",
    );
  });

  it("quotes what a shell would read", () => {
    expect(inspectCommand({ name: "a b; rm -rf 'x'" }, { ...FIRST_QUERY, tree: false, filter: "$(x)*" })).toBe(
      "lowbit inspect 'a b; rm -rf '\\''x'\\''' --tensor '$(x)*'",
    );
  });

  it("takes the path as the host quoted it", () => {
    expect(inspectCommand({ ...model, shellPath: "'/my models/tiny'" }, FIRST_QUERY)).toBe(
      "lowbit inspect '/my models/tiny' --tree",
    );
  });
});
