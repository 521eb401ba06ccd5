import { describe, expect, it } from "vitest";
import * as vscode from "vscode";
import { directoryModelUri, urlModelUri } from "./model-address.js";
import { comparablePlace, typedModel } from "./pick-model.js";

describe("typedModel", () => {
  it("takes absolute paths and web addresses, nothing else", () => {
    expect(typedModel("/models/a")?.toString()).toBe("file:///models/a");
    expect(typedModel("https://a.example/m.gguf")?.toString()).toBe(urlModelUri("https://a.example/m.gguf").toString());
    for (const text of ["", "llama", "./a", "~/a", "file:///a", "https://", "ftp://a.example/m"])
      expect(typedModel(text), text).toBeUndefined();
  });
});

describe("comparablePlace", () => {
  it("is a path on a disk, an address on a server, and refused elsewhere", () => {
    const file = vscode.Uri.file("/m/a.gguf");
    expect(comparablePlace(file, true)).toBe("/m/a.gguf");
    expect(comparablePlace(directoryModelUri(vscode.Uri.file("/m")), true)).toBe("/m");
    expect(comparablePlace(urlModelUri("https://a.example/m.gguf"), false)).toBe("https://a.example/m.gguf");
    expect(() => comparablePlace(file, false)).toThrow(/web address/);
    expect(() => comparablePlace(vscode.Uri.parse("memfs:/m/a.gguf"), true)).toThrow(/web address/);
  });
});
