// The words that scripts say, in the language of the page. English needs no catalogue; each other language has a module
// that is made from its translations, comes before the page's own and hands them over by `speak`.

let messages = new Map();
let plurals = new Intl.PluralRules("en-GB");
let numbers = new Intl.NumberFormat("en-GB");

/** Take the translations of one language. A plural's forms are in the order of the catalogue's own plural rule. */
export function speak(catalogue) {
  messages = new Map(Object.entries(catalogue.messages));
  plurals = new Intl.PluralRules(catalogue.language);
  numbers = new Intl.NumberFormat(catalogue.language);
}

/**
 * `text` in the language of the page, with each `%(name)s` filled from `values`; what is not translated stays English.
 *
 * @param {string} text
 * @param {Record<string, unknown>} [values]
 */
export function t(text, values = {}) {
  return filled(messages.get(text) ?? text, values);
}

/**
 * The form of a message that fits `count`, which is also the value of `%(num)s`.
 *
 * @param {string} one English for one
 * @param {string} many English for any other number
 */
export function tn(one, many, count, values = {}) {
  const forms = messages.get(one);
  const text = Array.isArray(forms) ? forms[formOf(count, forms.length)] : count === 1 ? one : many;
  return filled(text, { num: numbers.format(count), ...values });
}

/** A number as the page's language writes it. */
export const number = (value) => numbers.format(value);

// CLDR's categories in the order in which catalogues list them: Polish has one, few, many; English one, other.
const ORDER = ["zero", "one", "two", "few", "many", "other"];

function formOf(count, forms) {
  const known = ORDER.filter((category) => plurals.resolvedOptions().pluralCategories.includes(category));
  return Math.min(Math.max(known.indexOf(plurals.select(count)), 0), forms - 1);
}

function filled(text, values) {
  const known = new Map(Object.entries(values));
  return text.replace(/%\((\w+)\)[sd]|%%/g, (whole, name) => {
    if (!name) return "%";
    return known.has(name) ? String(known.get(name)) : whole;
  });
}
