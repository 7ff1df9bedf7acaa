import { L } from "./leaflet.js";

const SIZES = ["village", "town", "city"];

/**
 * Names of places over the basemap. Which shows from which zoom is decided on the server, so that names keep out of
 * each other's way; only those in view are in the document. They are pictures of text for the eye: the page says in
 * words whatever matters.
 */
export const PlaceLabels = L.LayerGroup.extend({
  initialize(url) {
    L.LayerGroup.prototype.initialize.call(this);
    this._places = [];
    this._shown = new Map();
    fetch(url)
      .then((response) => (response.ok ? response.json() : { places: [] }))
      .then(({ places }) => {
        this._places = places;
        if (!this._map) return;
        this._update();
        // Others that write on the map keep out of their way.
        this._map.fire("placelabels");
      })
      // A map without names still shows what it is for.
      .catch(() => {});
  },

  onAdd(map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    map.on("moveend", this._update, this);
    this._update();
  },

  onRemove(map) {
    map.off("moveend", this._update, this);
    L.LayerGroup.prototype.onRemove.call(this, map);
  },

  _update() {
    const view = this._map.getBounds().pad(0.2);
    const zoom = this._map.getZoom();
    this._places.forEach(([name, lat, lon, size, from], row) => {
      const wanted = from <= zoom && view.contains([lat, lon]);
      const marker = this._shown.get(row);
      if (wanted && !marker) {
        const made = label(name, lat, lon, SIZES[size]);
        this._shown.set(row, made);
        this.addLayer(made);
      } else if (!wanted && marker) {
        this._shown.delete(row);
        this.removeLayer(marker);
      }
    });
  },
});

function label(name, lat, lon, size) {
  const text = document.createElement("span");
  text.textContent = name;
  const icon = L.divIcon({ className: `place-label ${size}`, html: text, iconSize: [0, 0] });
  return L.marker([lat, lon], { icon, interactive: false, keyboard: false, pane: "labels" });
}
