import { ask } from "./api.js";
import { number, t } from "./language.js";
import { latest } from "./latest.js";
import { L } from "./leaflet.js";

/**
 * A tick that shows to which base each part of the force is nearest, a trial base and closed ones among what counts;
 * the text above the map says how many live there.
 */
export class Catchments {
  constructor(parts) {
    Object.assign(this, parts);
    this.map.createPane("catchments").style.zIndex = 460;
    this.layer = null;
    this.tick = document.createElement("input");
    this.tick.type = "checkbox";
    this.tick.addEventListener("change", () => this.refresh());
    this.label = document.createElement("label");
    this.label.className = "tick";
    this.label.append(this.tick, t("which base is nearest"));
    this.show = latest((asked, signal) => this._show(asked, signal), (error) => { this.tick.checked = false; this.say(error.message); });
  }

  /** Draw them again for the bases as they now are; take them away where the tick is not set. `aloud`: in words too. */
  refresh(aloud = true) {
    if (this.tick.checked || this.layer) this.show({ asked: { ...this.change(), profile: this.config.profile }, aloud });
  }

  async _show({ asked, aloud }, signal) {
    const areas = this.tick.checked ? await ask("/api/v1/catchments", asked, signal) : null;
    this.layer?.remove();
    this.layer = areas && catchmentLayer(areas).addTo(this.map);
    if (!areas || !aloud) return;
    const said = areas.features.map(({ properties }) =>
      t("%(base)s to %(count)s", { base: catchmentName(properties), count: number(properties.residents) }),
    );
    this.say(t("The nearest base by road, in residents: %(bases)s.", { bases: said.join("; ") }));
  }
}

const catchmentName = ({ base, name }) => (base.startsWith("open-") ? t("Trial base") : name);

/** Outlines, and at each base its name: no colour has to be told from another. */
function catchmentLayer(areas) {
  const outlines = L.geoJSON(areas, {
    interactive: false,
    pane: "catchments",
    style: { className: "catchment", color: "#16232b", weight: 3, dashArray: "1 6", lineCap: "round", fill: false },
  });
  const names = areas.features.map(({ properties }) =>
    L.tooltip({ permanent: true, direction: "bottom", offset: [0, 8], className: "catchment-name" })
      .setLatLng([properties.lat, properties.lon])
      .setContent(document.createTextNode(catchmentName(properties))),
  );
  return L.layerGroup([outlines, ...names]);
}
