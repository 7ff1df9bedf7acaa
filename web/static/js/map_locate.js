import { t } from "./language.js";

const WAIT_MS = 15_000;
/** Half of the diagonal of a square of a thousandth of a degree, rounded up: so far rounding may move a point. */
export const ROUNDED_BY_M = 75;

/**
 * Where the reader is, asked of the browser; only ever called because the reader pressed a button. The point is rounded
 * to a thousandth of a degree before anything else sees it.
 *
 * @returns {Promise<{lat: number, lon: number, accuracy_m: number}>} an Error with words for people where there is none
 */
export function whereAmI() {
  return new Promise((found, failed) => {
    if (!navigator.geolocation) {
      failed(new Error(unavailable()));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => found({ lat: rounded(coords.latitude), lon: rounded(coords.longitude), accuracy_m: coords.accuracy + ROUNDED_BY_M }),
      (error) => failed(new Error(reason(error))),
      { enableHighAccuracy: false, timeout: WAIT_MS, maximumAge: 60_000 },
    );
  });
}

const rounded = (degrees) => Math.round(degrees * 1000) / 1000;

function reason({ code }) {
  if (code === 1) return t("Your browser was not allowed to tell where you are. You can allow it in its settings, choose a point on the map, or use the list below.");
  if (code === 3) return t("Finding out where you are took too long. Try again, choose a point on the map, or use the list below.");
  return unavailable();
}

const unavailable = () => t("Your device cannot tell where you are. Choose a point on the map, or use the list below.");
