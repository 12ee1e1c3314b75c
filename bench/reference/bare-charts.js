// Renders vega-lite charts to SVG and does nothing else.
import { parse, View } from "vega";
import { compile } from "vega-lite";

for (let chart = 0; chart < Number(process.argv[2]); chart++) {
  const values = Array.from({ length: 90 }, (_, day) => ({
    day: new Date(Date.UTC(2026, 0, 1 + day)),
    value: (day * 37 + chart * 11) % 100,
  }));
  const { spec } = compile({
    width: 640,
    height: 240,
    data: { values },
    mark: { type: "line", point: false },
    encoding: {
      x: { field: "day", type: "temporal", timeUnit: "utcyearmonthdate" },
      y: { field: "value", type: "quantitative" },
    },
  });
  await new View(parse(spec), { renderer: "none" }).toSVG();
}
