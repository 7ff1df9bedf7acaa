/**
 * The pages of a lookup's outcomes: the server's own templates and words (see geo_policing/api/outcomes.py), filled in
 * here. What is put in is only ever text, never markup.
 */

import { fetched } from "./shards.js";

const SLOT = /⟪(\w+)⟫/g;

export class Outcomes {
  /** @param {Document} page what `/outcomes/{version}` gives */
  constructor(page) {
    const templates = [...page.querySelectorAll("template[data-outcome]")];
    this._templates = new Map(templates.map((template) => [template.dataset.outcome, template]));
    const terms = [...page.querySelectorAll("dl dt")];
    this._messages = new Map(terms.map((term) => [term.textContent, term.nextElementSibling.textContent]));
    this.facts = JSON.parse(page.querySelector("script[type='application/json']").textContent);
  }

  /** @param {string} url */
  static async load(url) {
    const response = await fetched(url);
    return new Outcomes(new DOMParser().parseFromString(await response.text(), "text/html"));
  }

  /** The message `name` with its slots filled from `values`. */
  message(name, values = {}) {
    return filledText(this._messages.get(name), values);
  }

  /** Names as a sentence lists them: "Ely, March and Soham". */
  listed(names) {
    if (names.length < 2) return names[0] ?? "";
    return this.message(`list-${names.length}`, Object.fromEntries(names.map((name, i) => [`n${i}`, name])));
  }

  /** The page `name` filled in: its content and the document's title. */
  page(name, values) {
    const template = this._templates.get(name);
    const content = document.importNode(template.content, true);
    fill(content, values);
    for (const form of content.querySelectorAll("form[data-static]")) form.hidden = false;
    return { content, title: template.dataset.title };
  }
}

/** Fill in a part of a page in its place: what is repeated, then what is said only at times, then the slots. */
function fill(part, values) {
  for (const pattern of part.querySelectorAll("[data-each]")) {
    const copies = (values[pattern.dataset.each] ?? []).map((each) => {
      const copy = pattern.cloneNode(true);
      copy.removeAttribute("data-each");
      const holder = document.createDocumentFragment();
      holder.append(copy);
      fill(holder, { ...values, ...each });
      return holder;
    });
    pattern.replaceWith(...copies);
  }
  for (const element of part.querySelectorAll("[data-when]")) {
    if (isSaid(values[element.dataset.when])) element.removeAttribute("data-when");
    else element.remove();
  }
  fillSlots(part, values);
}

const isSaid = (value) => (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false && value !== "");

function fillSlots(part, values) {
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.data.includes("⟪")) node.data = filledText(node.data, values);
    } else {
      for (const attribute of node.attributes) {
        if (attribute.value.includes("⟪")) attribute.value = filledText(attribute.value, values);
      }
    }
  }
}

const filledText = (text, values) => text.replace(SLOT, (whole, name) => String(values[name] ?? whole));
