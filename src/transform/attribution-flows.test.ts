import { describe, expect, it } from "vitest";
import { flowsOf } from "./attribution-flows.js";

describe("flows", () => {
  it("pass every place of a way and end with an order or without", () => {
    // meta > email 5 times, 4 of them orders; meta 3 times, no order.
    const { places, flows } = flowsOf([
      { steps: ["meta", "email"], journeys: 5, orders: 4 },
      { steps: ["meta"], journeys: 3, orders: 0 },
    ]);
    expect(places.map(({ id, journeys }) => [id, journeys])).toEqual([
      ["0:meta", 8],
      ["1:email", 5],
      ["3:left", 4],
      ["3:ordered", 4],
    ]);
    expect(flows).toEqual([
      { from: "0:meta", to: "1:email", journeys: 5 },
      { from: "1:email", to: "3:ordered", journeys: 4 },
      { from: "0:meta", to: "3:left", journeys: 3 },
      { from: "1:email", to: "3:left", journeys: 1 },
    ]);
  });

  it("show three steps of a longer way", () => {
    const { places } = flowsOf([{ steps: ["a", "b", "c", "d"], journeys: 1, orders: 1 }]);
    expect(places.map(({ name }) => name)).toEqual(["a", "b", "c", "ordered"]);
  });
});
