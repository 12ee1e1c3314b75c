import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { CONNECTORS } from "../connectors/index.js";
import { demoSources } from "./demo.js";
import { readSecrets, secretVariable } from "./sources.js";

describe("the demo's sources", () => {
  const sources = demoSources({ seed: 42, days: 180, asOf: isoDate("2026-02-09") });

  it("are all connectors, with options that their schemas accept as they stand", () => {
    // Single events are much, and no report reads them yet: the demo speaks for them, and a run of it does not read them.
    const connectors = CONNECTORS.filter((connector) => connector.id !== "ga4_events");
    expect(sources.map((source) => source.id)).toEqual(connectors.map((connector) => connector.id));
    for (const connector of connectors) {
      const written = sources.find((source) => source.id === connector.id)?.options;
      expect(connector.options.parse(written)).toEqual(written);
    }
  });
});

describe("credentials", () => {
  it("come from variables named after source and member", () => {
    expect(secretVariable("meta_ads", "token")).toBe("META_ADS_TOKEN");
    expect(secretVariable("google_ads", "developerToken")).toBe("GOOGLE_ADS_DEVELOPER_TOKEN");
  });

  it("are read as secrets; what is not set is named", () => {
    const [shopify] = CONNECTORS;
    expect(readSecrets(shopify, {})).toEqual({ secrets: {}, missing: ["SHOPIFY_TOKEN"] });
    const { secrets, missing } = readSecrets(shopify, { SHOPIFY_TOKEN: "abc" });
    expect(missing).toEqual([]);
    expect(String(secrets["token"])).toBe("[redacted]");
    expect(secrets["token"]?.reveal()).toBe("abc");
  });
});
