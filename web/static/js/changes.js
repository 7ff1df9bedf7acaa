import { ask } from "./api.js";
import { PatternCanvas, inkOf, ringsOf, worthDrawing } from "./bands.js";
import { number, t, tn } from "./language.js";
import { latest } from "./latest.js";
import { L } from "./leaflet.js";

/**
 * What differs from today's bases, as the API takes it: what the page was asked for, and the trial base where it stands.
 *
 * @param {{change: {close: string[], open: string[], move: string[]}, instead: string}} config
 * @param {string} trial "LAT,LON" of the trial base, "" for none
 */
export function changeWith({ change, instead }, trial) {
  if (!trial) return change;
  return instead ? { ...change, move: [...change.move, `${instead},${trial}`] } : { ...change, open: [...change.open, trial] };
}

/** True where `change` leaves the bases as they are. */
export const isNone = ({ close, open, move }) => !(close.length + open.length + move.length);

/**
 * A choice of a number of minutes, for which the map then shows what the change gains (plus signs) and loses (minus
 * signs), the bands faded behind it.
 *
 * @param {{map: L.Map, config: any, say: (text: string) => void, change: () => object}} parts `change` gives what is
 *   asked for now
 */
export class ChangeMap {
  constructor(parts) {
    Object.assign(this, parts);
    this.map.createPane("changes").style.zIndex = 450;
    this.renderer = new PatternCanvas({ pane: "changes", padding: 0.2 });
    this.layer = L.layerGroup().addTo(this.map);
    this.draw = latest((value, signal) => this._draw(value, signal), (error) => this._failed(error));
    this.choice = document.createElement("select");
    this.choice.append(new Option(t("nothing"), ""), ...this.config.minutes.map((minutes) => new Option(tn("%(num)s minute", "%(num)s minutes", minutes), minutes)));
    this.choice.addEventListener("change", () => this.refresh());
    this.label = document.createElement("label");
    this.label.className = "choice-label";
    this.label.append(t("gained and lost within"), " ", this.choice);
  }

  /** Draw again for what is chosen now, and for the change as it now is; `aloud`: in words too. */
  refresh(aloud = true) {
    const minutes = this.choice.value;
    this.map.getContainer().classList.toggle("showing-change", Boolean(minutes));
    if (minutes) {
      this.draw({ minutes, aloud });
    } else {
      this.draw.stop();
      this.layer.clearLayers();
    }
  }

  async _draw({ minutes, aloud }, signal) {
    const change = this.change();
    if (isNone(change)) throw new Error(t("Nothing is changed from today. Add a trial base, or untick a base in the form."));
    const asked = { ...change, minutes, profile: this.config.profile, format: "geojson" };
    const found = await ask("/api/v1/coverage", asked, signal);
    if (this.choice.value !== minutes) return;
    this.layer.clearLayers();
    for (const { properties, geometry } of found.features) this._add(this.config.changes[properties.change], geometry);
    if (!aloud) return;
    const residents = Object.fromEntries(found.features.map(({ properties }) => [properties.change, number(properties.residents)]));
    this.say(t(
      "Within %(minutes)s minutes the change gains %(gained)s residents (plus signs on the map) and loses %(lost)s (minus signs).",
      { minutes, ...residents },
    ));
  }

  _add(style, geometry) {
    const rings = worthDrawing(ringsOf(geometry), this.map.getZoom() + 2);
    const points = rings.map((ring) => L.GeoJSON.coordsToLatLngs(ring, 0));
    this.layer.addLayer(L.polygon(points, {
      renderer: this.renderer, pane: "changes", interactive: false, color: inkOf(style), weight: 2, dashArray: style.dash || null,
      fill: true, fillColor: style.fill, fillOpacity: 0.55, pattern: style.pattern,
    }));
  }

  _failed(error) {
    this.choice.value = "";
    this.refresh();
    this.say(error.message);
  }
}
