import { ask } from "./api.js";
import { number, t } from "./language.js";
import { latest, settled } from "./latest.js";
import { L } from "./leaflet.js";
import { markerAt } from "./map.js";

const STEP_PX = 10;
const BIG_STEP_PX = 50;
const QUIET_MS = 500;
const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/**
 * A base that may be put anywhere, dragged or moved by the arrow keys, its bands following. While it moves they are
 * drawn at the interactive quality; once it rests they are drawn as published, and said in words.
 */
export class TrialBase {
  /**
   * @param {{map: L.Map, bands: any, config: any, say: (text: string) => void, ask: object,
   *   began: () => void, ended: () => void, rested: () => void, change: () => object}} parts `ask` are the parameters
   *   that every question has, `change` gives what differs from today's bases, this one where it stands among it
   */
  constructor(parts) {
    Object.assign(this, parts);
    this.marker = null;
    this.parameters = parts.ask;
    this.follow = latest((value, signal) => this._draw(value, signal), (error) => this._failed(error));
    this.rest = settled(() => this._rest(), QUIET_MS);
    this.toggle = button(t("Add a trial base"), "");
    this.toggle.addEventListener("click", () => (this.marker ? this.remove() : this._addInView()));
    this.together = document.createElement("input");
    this.together.type = "checkbox";
    this.together.checked = Boolean(this.config.trial);
    this.together.addEventListener("change", () => this.marker && this._moved());
    const label = document.createElement("label");
    label.className = "tick";
    label.append(this.together, t("with the bases there are"));
    label.hidden = true;
    this.label = label;
    this.buttons = [this.toggle, label];
  }

  /** Put the base at `point`, or move it there. */
  add(point) {
    if (!this.marker) {
      this.began();
      this.marker = markerAt(point, {
        className: "trial-mark", size: 34, draggable: true, autoPan: true, zIndexOffset: 1000,
        alt: t("Trial base. Move it with the arrow keys, with Shift in greater steps."),
      }).addTo(this.map);
      this.marker.on("drag", () => this._moved());
      this.marker.getElement().setAttribute("role", "application");
      this.marker.getElement().setAttribute("aria-label", this.marker.options.alt);
      this.marker.getElement().addEventListener("keydown", (event) => this._key(event));
      this.toggle.textContent = t("Remove the trial base");
      this.toggle.className = "second";
      this.label.hidden = !this.config.bases.some((base) => base.state !== "closed");
    } else {
      this.marker.setLatLng(point);
    }
    this._moved();
  }

  /** Put the keyboard's focus on the base. */
  focus() {
    this.marker?.getElement().focus();
  }

  remove() {
    this.follow.stop();
    this.map.removeLayer(this.marker);
    this.marker = null;
    this.toggle.textContent = t("Add a trial base");
    this.toggle.className = "";
    this.label.hidden = true;
    this._note("");
    this.ended();
  }

  _addInView() {
    this.add(this.map.getCenter());
    this.focus();
  }

  _key(event) {
    const step = STEPS[event.key];
    if (!step) return;
    // Or the map would move as well.
    event.preventDefault();
    event.stopPropagation();
    const size = event.shiftKey ? BIG_STEP_PX : STEP_PX;
    const at = this.map.latLngToContainerPoint(this.marker.getLatLng()).add(L.point(step).multiplyBy(size));
    const point = this.map.containerPointToLatLng(at);
    this.marker.setLatLng(point);
    if (!this.map.getBounds().pad(-0.05).contains(point)) this.map.panTo(point, { animate: false });
    this._moved();
  }

  _moved() {
    this._note(this.text().replace(",", ", "));
    this.follow(this._question("interactive"));
    this.rest();
  }

  /** While it moves its own bands are enough to look at, and follow many times as often as those of a whole force. */
  _question(quality) {
    const { lat, lng } = this.marker.getLatLng();
    const together = this.together.checked && quality === "published";
    const places = together ? this.change() : { lat: lat.toFixed(5), lon: lng.toFixed(5) };
    return { ...this.parameters, ...places, quality };
  }

  async _draw(question, signal) {
    const found = await ask("/api/v1/isochrones", question, signal);
    if (!this.marker) return;
    this.bands.show(found);
    // For whoever measures: how many times the bands have followed.
    const board = this.map.getContainer();
    board.dataset.drawn = String(Number(board.dataset.drawn ?? 0) + 1);
    this.found = found;
  }

  /** Bands of where the base was before would mislead. */
  _failed(error) {
    if (!this.marker) return;
    this.bands.show({ features: [] });
    this.say(error.message);
  }

  /** The base has come to rest: draw the bands as they are published, and say what they hold. */
  async _rest() {
    if (!this.marker) return;
    this.follow(this._question("published"));
    const at = this.text();
    const asked = { ...this.parameters, ...this.change(), level: "force" };
    const numbers = await ask("/api/v1/coverage", asked).catch((error) => error);
    if (!this.marker || at !== this.text()) return;
    this.say(numbers instanceof Error ? numbers.message : this._told(at, numbers));
    this.rested();
  }

  _told(at, numbers) {
    const force = numbers.areas.find((area) => area.level === "force");
    const own = numbers.bases.find((base) => (this.config.instead ? base.id === this.config.instead : base.id.startsWith("open-")));
    const within = force.within.map(({ residents, minutes }) => t("%(count)s within %(minutes)s minutes", { count: whole(residents), minutes }));
    const told = t("With a trial base at %(place)s, of %(total)s residents %(within)s of the nearest base.", {
      place: at.replace(",", ", "), total: whole(force.residents), within: within.join(", "),
    });
    if (!own?.catchment) return told;
    const nearest = t("It is the nearest base to %(count)s of them.", { count: whole(own.catchment.residents) });
    return `${told} ${nearest}`;
  }

  /** Where the base stands, "LAT,LON"; "" while there is none. */
  text() {
    if (!this.marker) return "";
    const { lat, lng } = this.marker.getLatLng();
    return `${lat.toFixed(5)},${lng.toFixed(5)}`;
  }

  /** Keep the form's own field at what the map shows, so that the form can be sent from here. */
  _note(text) {
    const field = document.getElementById("trial");
    if (field) field.value = text;
  }
}

const whole = (value) => number(Math.round(value));

function button(text, className) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = text;
  return made;
}
