import { t } from "./language.js";

const isEnglish = document.documentElement.lang.startsWith("en");

/** The answer of our own API as JSON; an Error that says in words for people why there is none. */
export async function ask(path, parameters = {}, signal = undefined) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of [value].flat()) query.append(name, one);
  }
  let response;
  try {
    response = await fetch(`${path}?${query}`, { signal, headers: { Accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(t("The server cannot be reached. Check your connection and try again."));
  }
  const body = await response.json().catch(() => null);
  if (!response.ok || body === null) {
    // The API says in English what is wrong; on another page its words would be read aloud by the wrong rules.
    if (isEnglish && body?.detail) throw new Error(body.detail);
    throw new Error(t("The server has no answer to this (%(status)s).", { status: response.status }));
  }
  return body;
}
