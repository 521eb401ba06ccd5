import { expect, it } from "vitest";
import { mapFileName } from "./map-file-name.js";

it.each([
  ["model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight-sigma.png"],
  ["../../etc/passwd", "etc_passwd-sigma.png"],
  ["a\u202Eb\n<img>", "a_b_img_-sigma.png"],
  ["", "weight-sigma.png"],
  ["…", "weight-sigma.png"],
])("mapFileName(%j)", (weight, name) => {
  expect(mapFileName(weight, "sigma")).toBe(name);
});

it("cuts long names from the left: the end tells weights apart", () => {
  expect(mapFileName(`${"a".repeat(500)}.end`, "error")).toMatch(/^a{96}\.end-error\.png$/);
});
