// Leaflet as a module: its file, from its pinned package, leaves one global behind.
import "../leaflet/leaflet.js";

export const L = globalThis.L;
