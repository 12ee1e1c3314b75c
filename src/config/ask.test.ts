import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse.js";

function parsed(ask: unknown) {
  const shop = { shop: { name: "A", currency: "USD", timeZone: "UTC" }, ...(ask === undefined ? {} : { ask }) };
  const { workspaces, problems } = parseConfig(shop, { env: {}, sources: [], metrics: [] });
  return {
    model: workspaces[0]?.model,
    problems: problems.map(({ path, message }) => `${path.join(".")}: ${message}`),
  };
}

describe("the language model of a config", () => {
  it("is off unless it is named", () => {
    for (const ask of [undefined, {}]) expect(parsed(ask)).toEqual({ model: undefined, problems: [] });
    expect(parsed({ model: { provider: "anthropic", name: "claude-haiku-5-5" } }).model).toEqual({
      ...{ provider: "anthropic", name: "claude-haiku-5-5", isReworded: true },
    });
    expect(parsed({ model: { provider: "anthropic", name: "m", reword: false } }).model).toMatchObject({
      isReworded: false,
    });
  });

  it.each([
    [{ model: { provider: "other", name: "m" } }, /^ask\.model\.provider: /],
    [{ model: { provider: "anthropic", name: "../v1/files" } }, /^ask\.model\.name: expected the id of a model/],
    [{ model: { provider: "anthropic" } }, /^ask\.model\.name: /],
    [{ model: { provider: "anthropic", name: "m", apiKey: "sk-1" } }, /^ask\.model.*apiKey.*unknown key/],
    [{ modell: {} }, /^ask\.modell: unknown key; did you mean "model"\?/],
  ])("is refused with its place: %j", (ask, problem) => {
    const { problems } = parsed(ask);
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });
});
