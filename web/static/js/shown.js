/**
 * Answers in the place of the page's content, as if each were a page: the title, the focus and the back button follow.
 * What was asked is kept in this page's memory only, neither in an address nor in the browser's history.
 */
export class Shown {
  /** @param {HTMLElement} main */
  constructor(main) {
    this._main = main;
    this._pages = new Map();
    this._here = 0;
    this._last = 0;
    history.replaceState({ ...history.state, answer: 0 }, "");
    addEventListener("popstate", (event) => this._goTo(event.state?.answer ?? 0));
  }

  /** @param {{content: DocumentFragment, title: string}} page */
  show({ content, title }) {
    this._keep();
    this._last += 1;
    this._here = this._last;
    history.pushState({ answer: this._here }, "");
    this._put([...content.childNodes], title);
    this._main.querySelector("[role=alert], h1")?.scrollIntoView?.();
    scrollTo(0, 0);
    focusOn(this._main.querySelector("[role=alert]") ?? this._main.querySelector("h1"));
  }

  /** Say what went wrong above the page's content. */
  trouble(text) {
    this._main.querySelector(".finding-trouble")?.remove();
    const note = document.createElement("div");
    note.className = "error-summary finding-trouble";
    note.setAttribute("role", "alert");
    note.tabIndex = -1;
    const words = document.createElement("p");
    words.textContent = text;
    note.append(words);
    this._main.prepend(note);
    note.focus();
  }

  _goTo(wanted) {
    if (wanted === this._here) return;
    // An answer from before the page was loaded anew is not kept anywhere: the question stands in its place.
    const number = this._pages.has(wanted) ? wanted : 0;
    if (number === this._here || !this._pages.has(number)) return;
    this._keep();
    this._here = number;
    const { nodes, title, focus } = this._pages.get(number);
    this._put(nodes, title);
    focusOn(focus && this._main.contains(focus) ? focus : this._main.querySelector("h1"));
  }

  _keep() {
    const nodes = [...this._main.childNodes].filter((node) => !isLasting(node));
    const focus = this._main.contains(document.activeElement) ? document.activeElement : null;
    this._pages.set(this._here, { nodes, title: document.title, focus });
  }

  _put(nodes, title) {
    this._main.replaceChildren(...[...this._main.childNodes].filter(isLasting), ...nodes);
    document.title = title;
  }
}

/** True for what every page says first, such as that its translation was not reviewed. */
const isLasting = (node) => node.nodeType === Node.ELEMENT_NODE && node.classList.contains("unreviewed");

function focusOn(element) {
  if (!element) return;
  if (element.tabIndex < 0 && !element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
