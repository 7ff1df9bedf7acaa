import { L } from "./leaflet.js";

/** A canvas that also fills with a pattern, so that bands are told apart without colour. */
const PatternCanvas = L.Canvas.extend({
  _fillStroke(context, layer) {
    L.Canvas.prototype._fillStroke.call(this, context, layer);
    const { pattern } = layer.options;
    if (!pattern) return;
    context.globalAlpha = 1;
    context.fillStyle = patternOf(context, pattern, layer.options.color);
    context.fill("evenodd");
  },
});

const made = new Map();

/** The tile of `pattern` (path data in a square of `cell` pixels) drawn in `colour`; made once. */
function patternOf(context, { path, cell }, colour) {
  const key = `${path} ${colour}`;
  if (!made.has(key)) {
    const scale = Math.ceil(devicePixelRatio);
    const tile = document.createElement("canvas");
    tile.width = tile.height = cell * scale;
    const pen = tile.getContext("2d");
    pen.scale(scale, scale);
    pen.strokeStyle = colour;
    pen.lineWidth = 1.3;
    pen.lineCap = "square";
    pen.stroke(new Path2D(path));
    const pattern = context.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / scale));
    made.set(key, pattern);
  }
  return made.get(key);
}

/**
 * Drive time as bands. Each is a fill, a pattern, an outline of its own and its minutes written on its rim.
 */
export const Bands = L.LayerGroup.extend({
  initialize(styles) {
    L.LayerGroup.prototype.initialize.call(this);
    this._styles = new Map(styles.map((style) => [style.minutes, style]));
    this._renderer = new PatternCanvas({ padding: 0.2 });
    this._polygons = new Map();
    this._labels = new Map();
  },

  onAdd(map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    map.on("zoomend", this._redraw, this);
  },

  onRemove(map) {
    map.off("zoomend", this._redraw, this);
    L.LayerGroup.prototype.onRemove.call(this, map);
  },

  _redraw() {
    for (const { options } of this._polygons.values()) options.weight = this._weight();
    if (this._shown) this.show(this._shown);
  },

  _weight() {
    return this._map.getZoom() < 10.5 ? 1 : 2;
  },

  /** Show the bands of a FeatureCollection in place of those before; features need `minutes` in their properties. */
  show(collection) {
    const { features } = collection;
    this._shown = collection;
    const seen = new Set();
    // The farthest first, so that the rims of nearer bands lie on top.
    for (const feature of [...features].sort((a, b) => b.properties.minutes - a.properties.minutes)) {
      const { minutes } = feature.properties;
      if (!this._styles.has(minutes) || !feature.geometry) continue;
      seen.add(minutes);
      this._draw(minutes, feature.geometry);
    }
    for (const minutes of [...this._polygons.keys()]) if (!seen.has(minutes)) this._forget(minutes);
  },

  _draw(minutes, geometry) {
    const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
    const points = L.GeoJSON.coordsToLatLngs(worthDrawing(polygons, this._map.getZoom()), 2);
    const polygon = this._polygons.get(minutes);
    if (polygon) {
      polygon.setLatLngs(points);
    } else {
      const { fill, ink, dash, pattern } = this._styles.get(minutes);
      const options = {
        renderer: this._renderer, interactive: false, smoothFactor: 1.2, color: ink, weight: this._weight(), dashArray: dash,
        fillColor: fill, fillOpacity: 0.38, pattern,
      };
      const drawn = L.polygon(points, options);
      this._polygons.set(minutes, drawn);
      this.addLayer(drawn);
    }
    this._write(minutes, rimPoint(polygons, [...this._styles.keys()].indexOf(minutes)));
  },

  _write(minutes, point) {
    const label = this._labels.get(minutes);
    if (!point) return;
    if (label) {
      label.setLatLng(point);
      return;
    }
    const text = document.createElement("span");
    text.textContent = `${minutes} min`;
    const icon = L.divIcon({ className: "band-label", html: text, iconSize: [0, 0] });
    const marker = L.marker(point, { icon, interactive: false, keyboard: false, pane: "labels" });
    this._labels.set(minutes, marker);
    this.addLayer(marker);
  },

  _forget(minutes) {
    for (const kept of [this._polygons, this._labels]) {
      if (kept.has(minutes)) this.removeLayer(kept.get(minutes));
      kept.delete(minutes);
    }
  },
});

const LEAST_PX = 6;

/**
 * Polygons without the islands and holes that are too small to be seen at `zoom`: a picture of dots tells less. The
 * counts beside the map are made from the data, not from what is drawn.
 */
function worthDrawing(polygons, zoom) {
  const least = (LEAST_PX * 360) / (256 * 2 ** zoom);
  const large = (ring) => extent(ring) >= least;
  return polygons.filter(([outer]) => outer && large(outer)).map(([outer, ...holes]) => [outer, ...holes.filter(large)]);
}

/** The sum of a ring's width and height in degrees. */
function extent(ring) {
  let [west, south] = ring[0];
  let [east, north] = ring[0];
  for (const [lon, lat] of ring) {
    if (lon < west) west = lon;
    else if (lon > east) east = lon;
    if (lat < south) south = lat;
    else if (lat > north) north = lat;
  }
  return east - west + north - south;
}

const SIDES = [[0, 1], [1, 0], [0, -1], [-1, 0]];

/** Where a band's minutes are written: the utmost point of its largest ring, each band's to another side. */
function rimPoint(polygons, band) {
  const [x, y] = SIDES[Math.max(0, band) % SIDES.length];
  const ring = polygons.reduce((a, [b = []]) => (b.length > a.length ? b : a), []);
  if (!ring.length) return null;
  const [lon, lat] = ring.reduce((a, b) => (b[0] * x + b[1] * y > a[0] * x + a[1] * y ? b : a));
  return [lat, lon];
}
