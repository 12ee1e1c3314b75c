/** Invented weeks of a shop whose channels act by curves that are known: the truth that a media mix is held against. */
import type { MixHistory } from "../stats/media-mix.js";
import { broughtBy, carried, type MixCurve } from "../stats/mix-model.js";
import { uniformNumbers } from "../stats/uniform-numbers.js";

/** How the invented channels act; every other channel does nothing. */
export const TRUE_CURVES: Readonly<Record<string, MixCurve>> = {
  meta: { carryover: 0.3, half: 8000, most: 30000 },
  search: { carryover: 0, half: 5000, most: 20000 },
  tv: { carryover: 0.6, half: 10000, most: 25000 },
};

/** Weeks with campaigns of four weeks, now and then none, a level, a trend, a season and noise of this standard deviation. */
export function mixWeeks(seed: number, { ids = ["meta", "search"], weeks = 104, noise = 2000 } = {}): MixHistory {
  const uniform = uniformNumbers(seed);
  const channels = ids.map((id) => {
    let level = 1;
    const spend = Array.from({ length: weeks }, (_, week) => {
      if (week % 4 === 0) level = uniform() < 0.2 ? 0 : 0.3 + 1.5 * uniform();
      return Math.round(6000 * level * (0.7 + 0.6 * uniform()));
    });
    return { id, spend };
  });
  // Twelve uniform numbers less 6 are about a normal one.
  const normal = () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6);
  const outcome = Array.from(
    { length: weeks },
    (_, week) => 60000 + 60 * week + 6000 * Math.sin((2 * Math.PI * week) / 52.18) + noise * normal(),
  );
  for (const { id, spend } of channels) {
    const curve = TRUE_CURVES[id];
    if (curve === undefined) continue;
    carried(spend, curve.carryover).forEach((acting, week) => {
      outcome[week] = (outcome[week] ?? 0) + broughtBy(curve, acting);
    });
  }
  return { outcome, channels };
}
