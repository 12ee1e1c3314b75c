import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { filesOptions } from "../connectors/files/options.js";
import { CONNECTORS } from "../connectors/index.js";
import { demoSources, withDemoLists } from "./demo.js";
import { readSecrets, secretVariable } from "./sources.js";

const places = { readFile: (path: string) => `content of ${path}` };

describe("the demo's sources", () => {
  const sources = demoSources({ seed: 42, days: 180, asOf: isoDate("2026-02-09") });

  it("are all connectors, with options that their schemas accept as they stand", () => {
    // The demo has one currency and needs no rates.
    const simulated = CONNECTORS.filter(({ id }) => id !== "fx");
    expect(sources.map((source) => source.id)).toEqual(simulated.map((connector) => connector.id));
    for (const connector of simulated) {
      const written = sources.find((source) => source.id === connector.id)?.options;
      expect(connector.options.parse(written)).toEqual(written);
    }
  });
});

describe("the demo's lists", () => {
  it("are declared before files of one's own, and alone do not read the inbox", () => {
    const inbox = { imports: [{ path: "more.csv", as: "users" }] };
    const frame = { transport: "network", timeoutMinutes: 5, since: null } as const;
    const shown = (own: Parameters<typeof withDemoLists>[1]) =>
      withDemoLists("shop-a", own).map(({ id, transport, options }) => {
        const { folder, imports } = filesOptions.parse(options);
        return { id, transport, folder, imports: imports.map(({ path, as }) => `${path} ${as}`) };
      });
    const lists = ["workspaces/shop-a/lists/users.csv users", "workspaces/shop-a/lists/locations.csv locations"];
    expect(shown([])).toEqual([{ id: "files", transport: "demo", folder: "workspaces/shop-a/lists", imports: lists }]);
    expect(shown([{ id: "files", options: inbox, ...frame }])).toEqual([
      { id: "files", transport: "network", folder: "inbox", imports: [...lists, "more.csv users"] },
    ]);
  });
});

describe("credentials", () => {
  it("are neither wanted nor taken where there is no account", () => {
    const fx = CONNECTORS.find(({ id }) => id === "fx");
    expect(readSecrets({ id: "fx", signIns: [] }, { FX_TOKEN: "abc" }, places)).toEqual({ secrets: {}, missing: [] });
    expect(fx?.secrets.safeParse({}).success).toBe(true);
    expect(fx?.secrets.safeParse({ token: "abc" }).success).toBe(false);
  });

  it("come from variables named after source and member", () => {
    expect(secretVariable("meta_ads", "token")).toBe("META_ADS_TOKEN");
    expect(secretVariable("google_ads", "developerToken")).toBe("GOOGLE_ADS_DEVELOPER_TOKEN");
  });

  it("that are a file's content may be named by its path", () => {
    const ga4 = CONNECTORS.find(({ id }) => id === "ga4");
    const read = (value: string) =>
      readSecrets({ id: "ga4", signIns: ga4?.signIns ?? [] }, { GA4_KEY_FILE: value }, places);
    expect(read("keys/robot.json").secrets["keyFile"]?.reveal()).toBe("content of keys/robot.json");
    expect(read('{"type":"service_account"}').secrets["keyFile"]?.reveal()).toBe('{"type":"service_account"}');
    expect(read("keys/robot.json").missing).toEqual([]);
  });

  it("are read as secrets; what is not set is named", () => {
    const [shopify] = CONNECTORS;
    expect(readSecrets(shopify, {}, places)).toEqual({
      secrets: {},
      missing: ["SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET"],
    });
    const { secrets, missing } = readSecrets(shopify, { SHOPIFY_TOKEN: "abc" }, places);
    expect(missing).toEqual([]);
    expect(String(secrets["token"])).toBe("[redacted]");
    expect(secrets["token"]?.reveal()).toBe("abc");
  });
});
