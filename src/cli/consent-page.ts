/** What the browser shows after a sign-in: three static pages. Nothing of a request is ever repeated in them. */
import { createHash } from "node:crypto";

const STYLE = `
:root { color-scheme: light dark; --paper: #faf7f2; --card: #fffdfa; --ink: #24211d; --muted: #655d53; --rule: #d3c9bb; --good: #1a6b45; --bad: #a63a24; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #191714; --card: #211e1b; --ink: #f1ebe2; --muted: #b3a999; --rule: #4a443d; --good: #82cda3; --bad: #f0a08a; }
}
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { box-sizing: border-box; width: min(28rem, calc(100vw - 2rem)); padding: 2rem; background: var(--card);
  border: 1px solid var(--rule); border-radius: 10px; }
small { color: var(--muted); letter-spacing: 0.04em; }
h1 { margin: 0.4rem 0 0.6rem; font-size: 1.4rem; line-height: 1.25; }
h1::before { content: ""; display: inline-block; width: 0.6em; height: 0.6em; margin-right: 0.5em; border-radius: 50%; background: var(--mark, var(--muted)); }
p { margin: 0; color: var(--muted); }
.good { --mark: var(--good); }
.bad { --mark: var(--bad); }
`;

function page(tone: string, title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} - growthos</title><style>${STYLE}</style></head>
<body><main class="${tone}"><small>growthos</small><h1>${title}</h1><p>${text}</p></main></body>
</html>
`;
}

/** The answer was taken; whether the vendor exchanges it, only the terminal will know. */
export const RECEIVED_PAGE = page(
  "good",
  "Answer received",
  "You can close this window. The terminal says how it goes on.",
);

/** The callback of another sign-in, a refusal, or an answer that cannot be used. */
export const REFUSED_PAGE = page(
  "bad",
  "Not connected",
  "This answer could not be used. You can close this window: the terminal says why, and what to do.",
);

/** Everything that is not the callback, and a second one. */
export const NOTHING_PAGE = page(
  "none",
  "Nothing here",
  "This address waits for one answer to one sign-in of growthos, and this is not it.",
);

/** For all of them: nothing is loaded, framed, kept or passed on. */
export const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  connection: "close",
} as const;
