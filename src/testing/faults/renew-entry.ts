// One of several processes that find the same token run out: each asks once, and prints the token that it used.
import { systemClock } from "../../base/clock.js";
import { systemRandom } from "../../base/ids.js";
import { Secret } from "../../base/secret.js";
import { vaultTokens } from "../../cli/token-store.js";
import { createClient } from "../../http/client.js";
import { undiciTransport } from "../../http/undici.js";
import { parseKey } from "../../vault/keys.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { withCredentialsLock } from "../../warehouse/lock.js";

const [root = "", origin = "", key = ""] = process.argv.slice(2);
const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
const vault = {
  files: diskFiles,
  folder: ws.at("credentials"),
  workspaceId: ws.id,
  keys: { current: parseKey(key, "a test"), next: null, previous: null, place: null },
  random: systemRandom,
  now: () => "2026-02-09T12:00:00Z",
};
const lock = <T>(action: () => Promise<T>) =>
  withCredentialsLock(ws, { waitMs: 30_000, clock: systemClock, owner: "a test", random: systemRandom }, action);
const client = createClient({
  source: "shopify",
  title: "Shopify",
  transport: undiciTransport({ allowLoopback: true }),
  auth: {
    kind: "grant",
    grant: {
      kind: "refresh_token",
      tokenUrl: `${origin}/token`,
      clientId: "us",
      refreshToken: new Secret("the first one is in the record"),
    },
  },
  limits: { concurrent: 1, tries: 2, maxBodyBytes: 1_000_000 },
  tokens: vaultTokens({ vault, source: "shopify", learned: () => {}, lock }),
  clock: systemClock,
  random: systemRandom,
  log: { debug: () => {}, info: () => {}, warn: () => {} },
});
await client.ask({ method: "GET", url: `${origin}/data`, label: "data" });
console.log("done");
process.exit(0);
