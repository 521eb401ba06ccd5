// @vitest-environment happy-dom
import { render } from "lit";
import { beforeEach, describe, expect, it } from "vitest";
import type { MethodForm } from "../../protocol/trial-messages.js";
import type { MethodChoice } from "./method-choice.js";
import { type MethodFormView, methodForm } from "./method-form.js";
import { METHOD_FORMS } from "./method-forms.fixture.js";
import { optionLabel } from "./option-field.js";

let container: HTMLElement;
let choice: MethodChoice;

function draw(extra: Partial<MethodFormView> = {}): void {
  const view: MethodFormView = {
    methods: METHOD_FORMS,
    choice,
    prefix: "try",
    onChange: (changed) => {
      choice = changed;
      draw(extra);
    },
    ...extra,
  };
  render(methodForm(view), container);
}

const find = <E extends HTMLElement>(id: string): E => {
  const element = container.querySelector<E>(`[data-testid="${id}"]`);
  if (element === null) throw new Error(`no ${id}`);
  return element;
};

function enter(id: string, value: string, event = "input"): void {
  const field = find<HTMLInputElement>(id);
  field.value = value;
  field.dispatchEvent(new Event(event, { bubbles: true }));
}

describe("methodForm", () => {
  beforeEach(() => {
    container = document.createElement("div");
    choice = { method: "rtn", texts: {} };
  });

  it.each(METHOD_FORMS.map(({ name, options }) => [name, options] as const))(
    "makes a labelled field of every option of %s",
    (name, options) => {
      choice = { method: name, texts: {} };
      draw();
      for (const option of options) {
        const control = find(option.kind === "group" ? `try-option-${option.name}-form` : `try-option-${option.name}`);
        const label = container.querySelector(`label[for="${control.id}"]`) ?? control.closest("label");
        expect(label?.textContent?.trim()).toBe(optionLabel(option.name));
        const help = control.getAttribute("aria-describedby")!.split(" ");
        expect(container.querySelector(`#${help[0]}`)?.textContent).toContain(option.help.slice(0, 40));
        if (option.kind === "boolean") expect((control as HTMLInputElement).checked).toBe(option.default);
        else if (option.kind === "choice") expect((control as HTMLSelectElement).value).toBe(option.default);
        else if (option.kind !== "group") {
          const input = control as HTMLInputElement;
          expect([input.value, input.min, input.max]).toEqual(
            [option.default, option.minimum, option.maximum].map(String),
          );
        }
      }
    },
  );

  it("has unique ids", () => {
    draw();
    const ids = [...container.querySelectorAll("[id]")].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("tells a problem beside the field, and lets it go with the reset", () => {
    draw();
    enter("try-option-bits", "99");
    expect(choice.texts).toEqual({ bits: "99" });
    const field = find("try-option-bits");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(field.getAttribute("aria-describedby")).toContain("try-option-bits-problem");
    expect(find("try-option-bits-problem").textContent).toContain("a whole number from 1 to 8");
    find("try-reset").click();
    expect(choice.texts).toEqual({});
    expect(find("try-option-bits").getAttribute("aria-invalid")).toBe("false");
    expect(find<HTMLInputElement>("try-option-bits").value).toBe("4");
  });

  it("shows the engine's refusal beside the fields that it names", () => {
    const failure = { code: "options/conflict", message: "They exclude each other.", options: ["zero", "unknown"] };
    draw({ failure });
    expect(find("try-option-zero-problem").textContent).toBe("They exclude each other. (options/conflict)");
    expect(container.querySelectorAll(".field-problem")).toHaveLength(1);
  });

  it("changes between a number of columns and the row", () => {
    draw();
    enter("try-option-group-form", "row", "change");
    expect(choice.texts["group"]).toBe("row");
    expect(container.querySelector('[data-testid="try-option-group"]')).toBeNull();
    enter("try-option-group-form", "group", "change");
    enter("try-option-group", "32");
    expect(choice.texts["group"]).toBe("32");
  });

  it("changes the method and keeps what it takes", () => {
    draw();
    enter("try-option-bits", "3");
    enter("try-method", "hqq", "change");
    expect(choice).toEqual({ method: "hqq", texts: { bits: "3" } });
    expect(find<HTMLInputElement>("try-option-bits").value).toBe("3");
  });

  it("turns switches", () => {
    draw();
    const box = find<HTMLInputElement>("try-option-includeZero");
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    expect(choice.texts).toEqual({ includeZero: "true" });
  });

  it("shows text of an engine as text", () => {
    const evil = '<img src=x onerror="alert(1)">\u202E';
    const methods: readonly MethodForm[] = [
      {
        name: "x",
        summary: evil,
        source: evil,
        options: [{ name: "o", kind: "choice", default: evil, choices: [evil], help: evil }],
      },
    ];
    choice = { method: "x", texts: {} };
    draw({ methods, failure: { code: evil, message: evil, options: ["o"] } });
    expect(container.querySelector("img")).toBeNull();
    expect(container.textContent).not.toContain("\u202E");
  });

  it("names options as the command line does", () => {
    expect(optionLabel("scaleDtype")).toBe("Scale dtype");
    expect(optionLabel("bits")).toBe("Bits");
  });
});
