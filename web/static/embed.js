/* Puts the search for the local policing team into a page of another site. It is written for pages that we know
   nothing of: it leaves no name behind, reads nothing of the page but its own element and the link before it, takes
   messages from its own frame only, and does without what such a page may have replaced or filled up. */
(function () {
  "use strict";
  var PLACED = "data-geo-policing-placed";
  var FIRST_PX = 360;
  var MOST_PX = 6000;
  var PATIENCE_MS = 10000;

  function setting(script, name, pattern) {
    var value = script.getAttribute("data-" + name) || "";
    return pattern.test(value) ? value : "";
  }

  function addressOf(script, origin) {
    var language = setting(script, "language", /^[a-z]{2}$/);
    var beat = setting(script, "beat", /^[a-z0-9-]+$/);
    var light = setting(script, "theme", /^light$/);
    var query = (beat ? "&beat=" + beat : "") + (light ? "&theme=light" : "");
    var path = (language && language !== "en" ? "/" + language : "") + "/embed";
    return origin + folderOf(script) + path + (query ? "?" + query.slice(1) : "");
  }

  function originOf(script) {
    var link = document.createElement("a");
    link.href = script.src;
    return link.protocol + "//" + link.host;
  }

  // The path below which the service is; "" at the root of its host.
  function folderOf(script) {
    var link = document.createElement("a");
    link.href = script.src;
    return link.pathname.replace(/\/embed\.js$/, "");
  }

  // The link that stands there for readers without scripts; it goes once the frame has shown that it works.
  function fallbackOf(script, origin) {
    var before = script.previousElementSibling;
    return before && before.tagName === "A" && before.href.indexOf(origin + "/") === 0 ? before : null;
  }

  function frameFor(script, origin, fallback) {
    var frame = document.createElement("iframe");
    frame.src = addressOf(script, origin);
    frame.title = script.getAttribute("data-title") || (fallback && fallback.textContent.trim()) || "Find your local policing team";
    frame.referrerPolicy = "no-referrer";
    // By way of the object model, which a policy against inline styles allows; important, against the page's own rules.
    style(frame, "all", "initial");
    style(frame, "display", "block");
    style(frame, "border", "0");
    style(frame, "width", "100%");
    style(frame, "height", FIRST_PX + "px");
    return frame;
  }

  function style(element, name, value) {
    element.style.setProperty(name, value, "important");
  }

  function place(script) {
    script.setAttribute(PLACED, "");
    var origin = originOf(script);
    var fallback = fallbackOf(script, origin);
    var frame = frameFor(script, origin, fallback);
    var heard = false;

    window.addEventListener("message", function (event) {
      if (event.source !== frame.contentWindow || event.origin !== origin) return;
      var height = event.data && event.data.geoPolicingHeight;
      if (typeof height !== "number" || !(height > 0)) return;
      heard = true;
      style(frame, "height", (height < MOST_PX ? height : MOST_PX) + "px");
      if (fallback) style(fallback, "display", "none");
    });
    // A frame that the page's policy or a filter stops says nothing; the link does its work then.
    frame.addEventListener("load", function () {
      window.setTimeout(function () {
        if (!heard && fallback && frame.parentNode) frame.parentNode.removeChild(frame);
      }, PATIENCE_MS);
    });
    script.parentNode.insertBefore(frame, script);
  }

  // A module or a loader leaves no current script; then every element of ours that has no frame yet gets one.
  var current = document.currentScript;
  if (current && current.src) {
    if (!current.hasAttribute(PLACED)) place(current);
    return;
  }
  var all = document.querySelectorAll('script[src$="/embed.js"]:not([' + PLACED + "])");
  for (var i = 0; i < all.length; i += 1) place(all[i]);
})();
