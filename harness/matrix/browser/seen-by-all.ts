/** Visible text whose contrast with what lies behind it is under 4.5 to 1 (WCAG 2.2, 1.4.3). */
export const faintText = `(() => {
  const parse = (color) => { const parts = color.match(/[\\d.]+/g).map(Number); const scale = color.startsWith("color(") ? 255 : 1; return [...parts.slice(0, 3).map((part) => part * scale), parts[3] ?? 1]; };
  const over = ([r, g, b, a], under) => [r * a + under[0] * (1 - a), g * a + under[1] * (1 - a), b * a + under[2] * (1 - a), 1];
  const light = ([r, g, b]) => [r, g, b].map((part) => { const one = part / 255; return one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4; }).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => { const layers = []; for (let one = element; one; one = one.parentElement) { const style = getComputedStyle(one); if (style.backgroundImage !== "none" && one.tagName === "BUTTON") return undefined; layers.push(parse(style.backgroundColor)); } return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]); };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility({ visibilityProperty: true }) || element.closest(".unseen, .recording, .dim, script, noscript, option")) continue;
    const ground = behind(element);
    if (!ground) continue;
    const [a, b] = [light(over(parse(getComputedStyle(element).color), ground)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.add(element.tagName + "." + element.className + " " + ratio.toFixed(2));
  }
  return [...faint];
})()`;

/** Controls without a name for who does not see them. */
export const nameless = `[...document.querySelectorAll("button, a[href], input, select, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility() && !one.closest(".recording"))
  .filter((one) => {
    const own = one.matches("select, input") ? "" : one.textContent.trim();
    return !(one.getAttribute("aria-label") || one.labels?.length || own || one.getAttribute("aria-labelledby"));
  })
  .map((one) => one.outerHTML.slice(0, 120))`;
