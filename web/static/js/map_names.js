import { L } from "./leaflet.js";

const GAP_PX = 6;
const NUDGES = [0, 18, -18, 34, -34];

/**
 * Names over the map, each only where there is room: first come those that stand first. A name with `ground` shows
 * only where its ground is wide enough to hold it. They are for the eye; the page says the same in words.
 */
export const MapNames = L.LayerGroup.extend({
  /**
   * @param {{name: string, at: [number, number], layer: string, least: number, most: number, ground?: L.LatLngBounds}[]} names
   *   `least` and `most` are the zooms between which a name shows
   * @param {Set<string>} shown the layers whose names show; tell of a change by `update`
   */
  initialize(names, shown) {
    L.LayerGroup.prototype.initialize.call(this);
    this._names = names;
    this._visible = shown;
    this._pen = document.createElement("canvas").getContext("2d");
  },

  onAdd(map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    map.on("moveend placelabels", this.update, this);
    this.update();
  },

  onRemove(map) {
    map.off("moveend placelabels", this.update, this);
    L.LayerGroup.prototype.onRemove.call(this, map);
  },

  /** Write the names that have room now. */
  update() {
    const map = this._map;
    if (!map) return;
    this.clearLayers();
    const zoom = map.getZoom();
    const room = map.getSize();
    const taken = takenBy(map);
    for (const { name, at, layer, least, most, ground } of this._names) {
      if (!this._visible.has(layer) || zoom < least || zoom > most) continue;
      const half = { x: this._width(name, layer) / 2 + GAP_PX, y: 11 };
      if (ground && widthOf(map, ground) < 2 * half.x) continue;
      const middle = map.latLngToContainerPoint(at);
      if (middle.x < half.x || middle.x > room.x - half.x || middle.y < 0 || middle.y > room.y) continue;
      const dy = NUDGES.find((nudge) => isFree({ x: middle.x, y: middle.y + nudge, half }, taken));
      if (dy === undefined) continue;
      taken.push({ x: middle.x, y: middle.y + dy, half });
      this.addLayer(written(name, at, layer, dy));
    }
  },

  _width(name, layer) {
    this._pen.font = FONTS[layer];
    const spaced = layer === "beats" ? 0 : name.length * 1.6;
    return this._pen.measureText(layer === "beats" ? name : name.toUpperCase()).width + spaced;
  },
});

const FONTS = { areas: "700 20px system-ui", districts: "700 14px system-ui", beats: "600 13px system-ui" };

function written(name, at, layer, dy) {
  const text = document.createElement("span");
  text.textContent = name;
  const icon = L.divIcon({ className: `map-name ${layer}`, html: text, iconSize: [0, 0], iconAnchor: [0, -dy] });
  return L.marker(at, { icon, interactive: false, keyboard: false, pane: "labels" });
}

function widthOf(map, ground) {
  return map.latLngToContainerPoint(ground.getSouthEast()).x - map.latLngToContainerPoint(ground.getNorthWest()).x;
}

/** Where names of places and marks stand already. */
function takenBy(map) {
  const frame = map.getContainer().getBoundingClientRect();
  return [...map.getContainer().querySelectorAll(".place-label span, .place-mark")].map((element) => {
    const box = element.getBoundingClientRect();
    const half = { x: box.width / 2, y: box.height / 2 };
    return { x: box.left - frame.left + half.x, y: box.top - frame.top + half.y, half };
  });
}

function isFree({ x, y, half }, taken) {
  return taken.every((other) => Math.abs(other.x - x) >= other.half.x + half.x || Math.abs(other.y - y) >= other.half.y + half.y);
}
