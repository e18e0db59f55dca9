/** Makes text inert: what a guest printed must not become markup. */
export function escape(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]|~#!]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("@", "&#64;");
}

/** Text as code, on one line and in no table's way. */
export function code(text: string): string {
  return `\`${text.replace(/[`|\s]+/g, " ")}\``;
}
