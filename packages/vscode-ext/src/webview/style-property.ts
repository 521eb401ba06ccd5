import { nothing } from "lit";
import {
  Directive,
  type DirectiveResult,
  directive,
  type ElementPart,
  type PartInfo,
  PartType,
} from "lit/directive.js";

class StyleProperty extends Directive {
  #last: string | undefined;

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("styleProperty stands in a tag, not in an attribute");
  }

  render(_name: string, _value: string): typeof nothing {
    return nothing;
  }

  override update(part: ElementPart, [name, value]: [string, string]): typeof nothing {
    if (value !== this.#last) {
      this.#last = value;
      (part.element as HTMLElement).style.setProperty(name, value);
    }
    return nothing;
  }
}

/**
 * Sets one style property through the object model: `<div ${styleProperty("width", "3px")}>`. Attributes of style are
 * forbidden by the content security policy, also those that a template writes at first.
 */
export const styleProperty: (name: string, value: string) => DirectiveResult = directive(StyleProperty);
