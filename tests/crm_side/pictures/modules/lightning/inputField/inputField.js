// Stands where the platform's own field would: label, help and choices come from the metadata.
import { LightningElement, api } from "lwc";

export default class InputField extends LightningElement {
  @api fieldName;

  get field() {
    return window.__FIELDS__[this.fieldName];
  }

  get label() {
    return this.field.label;
  }

  get help() {
    return this.field.help;
  }

  get type() {
    return this.field.type;
  }

  get isChoice() {
    return this.field.options.length > 0;
  }

  get options() {
    return this.field.options;
  }

  get value() {
    return window.__RECORD__[this.fieldName] ?? "";
  }
}
