// Buttons that need a script: copy the page's address, hand it to the device's own sharing, print. Without a script
// the address stands there as a link.

import { t } from "./language.js";

function button(text, onPress) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = text;
  made.addEventListener("click", onPress);
  return made;
}

function status() {
  const line = document.createElement("p");
  line.setAttribute("role", "status");
  line.className = "hint";
  return line;
}

async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
    said.textContent = t("Copied.");
  } catch {
    said.textContent = t("Your browser did not allow copying. Select the text and copy it yourself.");
  }
}

for (const box of document.querySelectorAll("[data-share]")) {
  const link = document.getElementById(box.dataset.share);
  const said = status();
  if (navigator.clipboard) box.append(button(t("Copy the address"), () => copy(link.href, said)));
  if (navigator.share) {
    // Closing the device's own sheet without choosing is no error.
    box.append(button(t("Share"), () => navigator.share({ title: box.dataset.title, url: link.href }).catch(() => {})));
  }
  box.append(button(t("Print this page"), () => window.print()), said);
}

for (const box of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const said = status();
  box.append(button(t("Copy"), () => copy(document.getElementById(box.dataset.copy).textContent, said)), said);
}
