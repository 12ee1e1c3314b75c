import { request } from "node:http";

/** An answer as a browser gets it; redirects are not followed. */
export interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What to send beside the address. */
export interface Visit {
  readonly method?: string;
  /** `host` as well, which `fetch` would not let a test choose. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request of a browser that keeps no connection. Rejects with the system's error (`ECONNREFUSED`) when nobody listens. */
export function visit(url: string | URL, { method = "GET", headers = {}, body }: Visit = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { connection: "close", ...headers }, agent: false }, (answer) => {
      const chunks: Uint8Array[] = [];
      answer.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const named = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
        resolve({
          status: answer.statusCode ?? 0,
          headers: Object.fromEntries(named),
          body: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/**
 * Opens the address that was printed at the server that plays the vendor, and answers its page. Gives the address that the browser is
 * sent back to, without going there. Throws when the vendor shows an error instead of its page.
 */
export async function answerConsent(origin: string, address: string, answer: "grant" | "deny"): Promise<URL> {
  const asked = new URL(address);
  const shown = await visit(`${origin}${asked.pathname}${asked.search}`);
  const id = /<form id="([^"]+)"/.exec(shown.body)?.[1];
  if (shown.status !== 200 || id === undefined) throw new Error(`HTTP ${shown.status}: ${shown.body}`);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const sent = { method: "POST", headers, body: new URLSearchParams({ page: id, answer }).toString() };
  const back = await visit(`${origin}/o/oauth2/v2/auth/answer`, sent);
  return new URL(back.headers["location"] ?? "");
}
