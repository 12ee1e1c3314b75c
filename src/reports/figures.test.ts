import { describe, expect, it } from "vitest";
import { changeOf, changeText } from "../metrics/change.js";
import type { Compared, MetricValue } from "../metrics/types.js";
import { changeFigure, changeTone, chartNumber, figure, heatColumns, signedMoney, valueCell } from "./figures.js";
import { sparkPaths } from "./spark.js";

const ok = (value: number): MetricValue => ({ status: "ok", value });
const gone: MetricValue = { status: "unknown", because: "days_missing", detail: "ga4: 2026-02-05" };
const moved = (value: number, previous: number): Compared => ({
  value: ok(value),
  previous: ok(previous),
  change: ok((value - previous) / Math.abs(previous)),
});

describe("figures", () => {
  it("carry their status and why they are not there", () => {
    expect(figure(ok(123456), "money", "USD")).toEqual({ text: "$1,234.56", status: "ok", note: null });
    expect(figure(gone, "count", "USD")).toMatchObject({ status: "unknown", note: "ga4: 2026-02-05" });
    expect(figure({ status: "ok", value: 1, provisional: true }, "count", "USD").status).toBe("provisional");
    expect(valueCell(gone, "count", "USD")).toMatchObject({ sort: null, note: "ga4: 2026-02-05" });
  });

  it("tell changes of ratios in points and others relative", () => {
    expect(changeFigure(moved(0.1, 0.12), "ratio").text).toBe("−2.0 pp");
    expect(changeFigure(moved(110, 100), "count").text).toBe("+10.0%");
    expect(changeFigure({ value: ok(1), previous: gone }, "count")).toMatchObject({
      status: "unknown",
      note: gone.detail,
    });
    expect(changeFigure({ value: ok(1) }, "count").status).toBe("unknown");
    expect(changeOf(moved(0.1, 0.12), "points")).toEqual({ status: "ok", value: 0.1 - 0.12 });
    expect(changeText(-0.03, "points")).toBe("−3.0 pp");
    expect(changeText(0.15, "relative")).toBe("+15.0%");
    expect(signedMoney(-5, "USD")).toBe("−$0.05");
    expect(signedMoney(120000, "JPY")).toBe("+¥120,000");
  });

  it("judge a change by the metric's direction, and not when it is small or unknown", () => {
    expect(changeTone(moved(110, 100), { unit: "money", better: "up" })).toBe("good");
    expect(changeTone(moved(110, 100), { unit: "money", better: "down" })).toBe("bad");
    expect(changeTone(moved(110, 100), { unit: "money", better: "neither" })).toBe("neutral");
    expect(changeTone(moved(100.4, 100), { unit: "money", better: "up" })).toBe("neutral");
    expect(changeTone(moved(0.1005, 0.1), { unit: "ratio", better: "up" })).toBe("neutral");
    expect(changeTone({ value: gone, previous: ok(1) }, { unit: "count", better: "up" })).toBe("neutral");
  });

  it("become numbers for charts in display units", () => {
    expect(chartNumber(ok(123456), "money", "USD")).toBe(1234.56);
    expect(chartNumber(ok(123456), "money", "JPY")).toBe(123456);
    expect(chartNumber(ok(0.25), "ratio", "USD")).toBe(25);
    expect(chartNumber(gone, "money", "USD")).toBeNull();
  });

  it("are shaded between the lowest and the highest of their column", () => {
    const rows = [0, 5, 10].map((sort) => [
      { text: "x", sort: "x" },
      { text: String(sort), sort },
    ]);
    expect(heatColumns(rows, [1]).map((row) => row[1]?.heat)).toEqual([1, 3, 5]);
    expect(heatColumns([[{ text: "1", sort: 1 }]], [0])[0]?.[0]?.heat).toBeUndefined();
  });
});

describe("sparkPaths", () => {
  it("runs from left to right, upside down as SVG wants it", () => {
    expect(sparkPaths([0, 10])).toEqual({ line: "M0,22L100,2", under: "M0,22L100,2L100,24L0,24Z" });
  });

  it("leaves gaps open and does not draw what is not a line", () => {
    expect(sparkPaths([0, 10, null, 10, 0])?.line).toBe("M0,22L25,2M75,2L100,22");
    expect(sparkPaths([5, 5])?.line).toBe("M0,12L100,12");
    expect(sparkPaths([null, 4, null])).toBeNull();
    expect(sparkPaths([4, null, 4])).toBeNull();
  });
});
