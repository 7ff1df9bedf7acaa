// The map on a beat's page. Until it is near, or where data is to be spared, the picture that came with the page does.
const place = document.getElementById("beat-map");
if (place) {
  const open = () => import("./map_of_beat.js").then(({ openMap }) => openMap(place, JSON.parse(place.dataset.config)));
  // Where it fails the picture stays, and the page lacks nothing.
  if (navigator.connection?.saveData || !("IntersectionObserver" in window)) offer(open);
  else whenNear(open);
}

function whenNear(open) {
  const watch = new IntersectionObserver(
    (seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      watch.disconnect();
      open().catch(() => {});
    },
    { rootMargin: "200px" },
  );
  watch.observe(place);
}

async function offer(open) {
  const { t } = await import("./language.js");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "go";
  button.textContent = t("Open a map that you can move");
  button.addEventListener("click", () => open().catch(() => {}));
  place.append(button);
}
