/** What the browser tests run inside a page, as text: a page's globals are not those of this program. Imported by tests only. */

/**
 * Pairs of visible texts, of HTML and of drawings, whose boxes lie on each other; three pixels of line height may touch.
 * Parts of a table that are scrolled out of sight, and its standing first column, do not count.
 */
export const OVERLAPS = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const boxes = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.textContent.trim() || parent.closest("script,style,.quiet,.skip,[hidden],.tabs,.scripted .preset-title")) continue;
    const cell = parent.closest("th,td");
    if (cell && getComputedStyle(cell).position === "sticky") continue;
    const clip = parent.closest(".scroll")?.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      const left = clip ? Math.max(box.left, clip.left) : box.left;
      const right = clip ? Math.min(box.right, clip.right) : box.right;
      if (right - left < 1 || box.height < 1) continue;
      boxes.push({ text: node.textContent.trim().slice(0, 40), left, right, top: box.top, bottom: box.bottom, node });
    }
  }
  boxes.sort((a, b) => a.top - b.top);
  const found = [];
  for (const [index, a] of boxes.entries())
    for (const b of boxes.slice(index + 1)) {
      if (b.top >= a.bottom - 3) break;
      const common = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      if (a.node !== b.node && common > 2) found.push(a.text + " | " + b.text);
    }
  return found;
})()`;

/** Texts of HTML whose colour is nearer than 4.5 to 1 to the ground that they stand on (WCAG 2, 1.4.3). */
export const LOW_CONTRAST = `(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = (colour) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => sum + weight * linear(colour[i] / 255), 0);
  const opacity = (colour) => colour[3] ?? 1;
  const found = [];
  for (const element of document.querySelectorAll("body *:not(svg *):not(script)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest("[hidden],.quiet,.skip") || element.getClientRects().length === 0) continue;
    const layers = [];
    for (let parent = element; parent; parent = parent.parentElement) {
      const colour = parse(getComputedStyle(parent).backgroundColor);
      if (opacity(colour) === 0) continue;
      layers.unshift(colour);
      if (opacity(colour) === 1) break;
    }
    const over = (under, layer) => under.map((part, i) => layer[i] * opacity(layer) + part * (1 - opacity(layer)));
    const ground = layers.reduce(over, [255, 255, 255]);
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(ratio.toFixed(2) + " " + element.textContent.trim().slice(0, 30));
  }
  return found;
})()`;
