import { describe, expect, it } from "vitest";
import { questionWorld } from "../testing/questions.js";
import { readerOf } from "./ask.js";

const world = questionWorld();
const without = { ...world, entities: world.entities.filter(({ field }) => field !== "country" && field !== "region") };

describe("places of which there is nothing", () => {
  it("are refused by their name, with those that there are", () => {
    expect(readerOf(world).ask("orders from france last week")).toEqual({
      kind: "refused",
      code: "OUTSIDE_DATA",
      why: "no order is known to come from France; there are from United States, Germany, United Kingdom",
      nearest: "orders by country",
    });
    expect(readerOf(without).ask("orders from germany")).toMatchObject({
      code: "OUTSIDE_DATA",
      why: "no country is known of any order, so nothing is told of Germany",
      nearest: "orders last week",
    });
  });

  it("give way to names that the warehouse has", () => {
    const product = { field: "product", key: "p|9", label: "Jersey Shirt" } as const;
    expect(readerOf(world).ask("units in jersey")).toMatchObject({ code: "OUTSIDE_DATA" });
    expect(
      readerOf({ ...world, entities: [...world.entities, product] }).ask("units of the jersey shirt"),
    ).toMatchObject({
      query: { filters: [{ field: "product", operator: "contains", value: "Jersey Shirt" }] },
    });
  });

  it("ask back where two kinds have one code", () => {
    const both = { ...world, entities: [...world.entities, { field: "country", key: "CA", label: "CA" } as const] };
    expect(readerOf(both).ask("orders from CA")).toMatchObject({
      kind: "which",
      choices: expect.arrayContaining(["country Canada", "region California"]),
    });
    expect(readerOf(both).ask("orders from canada")).toMatchObject({
      query: { filters: [{ field: "country", value: "CA" }] },
    });
  });
});
