import { describe, expect, it } from "vitest";
import { GrowthosError } from "../base/errors.js";
import { asProblem, problemJson, problemText } from "./problem.js";

const plain = (_tone: string, text: string) => text;

describe("an error as people read it", () => {
  it("has the code, what, why with the state, and the hint last", () => {
    const error = new GrowthosError({
      code: "API_AUTH",
      what: "Meta Ads refused the access token (HTTP 401, code 190)",
      why: "stream meta_ads.insights, days 2026-01-12 … 2026-02-08",
      state: "nothing was written, Shopify and GA4 are committed",
      hint: "set META_ADS_TOKEN to a fresh token, then run `growthos sync --source meta_ads`",
      exit: "auth",
    });
    expect(problemText(error, plain)).toBe(
      [
        "error[API_AUTH]: Meta Ads refused the access token (HTTP 401, code 190)",
        "  stream meta_ads.insights, days 2026-01-12 … 2026-02-08; nothing was written, Shopify and GA4 are committed",
        "hint: set META_ADS_TOKEN to a fresh token, then run `growthos sync --source meta_ads`",
      ].join("\n"),
    );
    expect(problemJson(error)).toMatchObject({
      code: "API_AUTH",
      exit_code: 7,
      hint: expect.stringContaining("META_ADS"),
    });
  });

  it("keeps several reasons on lines of their own", () => {
    const error = new GrowthosError({
      code: "X",
      what: "two problems",
      why: "one\ntwo",
      state: "nothing changed",
      exit: "usage",
    });
    expect(problemText(error, plain)).toBe("error[X]: two problems\n  one\n  two\n  nothing changed");
  });

  it("calls everything else our bug, with where it happened", () => {
    const problem = asProblem(new TypeError("x is undefined"));
    expect(problem.exitCode).toBe(1);
    expect(problemText(problem, plain)).toMatch(
      /^error\[BUG\]: growthos stopped on a bug of its own: x is undefined\n {2}at /,
    );
  });
});
