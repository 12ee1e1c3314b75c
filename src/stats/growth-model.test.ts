import { describe, expect, it } from "vitest";
import { growthCourse, safeMultiple } from "./growth-model.js";

const PLAN = { budget: 10_000, cac: 50, orderValue: 100, costShare: 0.4, repeatShare: 0, months: 3 };

describe("the course of a plan", () => {
  it("without repeats: 200 customers and 2000 a month, ROAS 2, 6000 in three months", () => {
    const course = growthCourse(PLAN);
    expect(course.months.map(({ customers, contribution }) => [customers, contribution])).toEqual(
      Array(3).fill([200, 2000]),
    );
    expect(course).toMatchObject({ customers: 600, contribution: 6000, roas: 2, breakEven: 1 });
    expect(course.margin).toBeCloseTo(0.1, 12);
  });

  it("with a quarter coming back: orders 100, 125, 150, 175, from -6000 to -3000, no break-even", () => {
    const course = growthCourse({
      budget: 10_000,
      cac: 100,
      orderValue: 80,
      costShare: 0.5,
      repeatShare: 0.25,
      months: 4,
    });
    expect(course.months.map(({ orders }) => orders)).toEqual([100, 125, 150, 175]);
    expect(course.months.map(({ contribution }) => contribution)).toEqual([-6000, -5000, -4000, -3000]);
    expect(course).toMatchObject({ customers: 400, revenue: 44_000, contribution: -18_000, breakEven: null });
  });

  it("earns back what the first months cost: -500, then +500 in the third", () => {
    // 100 customers, orders 100, 150, 200 at 5 each less 1000: -500, -250, 0, +250, +500.
    const course = growthCourse({ budget: 1000, cac: 10, orderValue: 10, costShare: 0.5, repeatShare: 0.5, months: 5 });
    expect(course.months.map(({ cumulative }) => cumulative)).toEqual([-500, -750, -750, -500, 0]);
    expect(course.breakEven).toBe(5);
  });

  it("of nothing is nothing, and has no quotients", () => {
    const course = growthCourse({ ...PLAN, budget: 0 });
    expect(course).toMatchObject({
      customers: 0,
      orders: 0,
      revenue: 0,
      contribution: 0,
      roas: null,
      margin: null,
      breakEven: null,
    });
  });
});

describe("a safe spend", () => {
  it("is five times at most, and half at least", () => {
    expect(safeMultiple({ ...PLAN, cac: 10 }, 0)).toBe(5);
    expect(safeMultiple({ ...PLAN, cac: 1000 }, 0)).toBeNull();
    expect(safeMultiple({ ...PLAN, budget: 0 }, 0.2)).toBeNull();
  });

  it("ends where CAC has risen so far that less than 15 % of revenue is left", () => {
    // 1 - 0.4 - CAC / 100 >= 0.15 up to a CAC of 45: from 36, a quarter more, which is 2 ** (log 1.25 / log 1.2) = 2.33 times the budget.
    expect(safeMultiple({ ...PLAN, cac: 36 }, 0.2)).toBe(2.3);
    // At 50 it is too dear; at 45 = 50 x 1.2 ** log2(m), m = 0.67.
    expect(safeMultiple(PLAN, 0.2)).toBe(0.6);
  });

  it("looks at six months, whatever the plan does: orders 10, 19 … 55 are 195, at 5 each 975 of 6000", () => {
    const slow = { budget: 1000, cac: 100, orderValue: 10, costShare: 0.5, repeatShare: 0.9, months: 90 };
    expect(growthCourse(slow).breakEven).not.toBeNull();
    expect(safeMultiple(slow, 0)).toBeNull();
  });
});
