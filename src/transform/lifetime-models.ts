/** Computed relations of lifetime value (D-58): classes of customers in, their models and expectations out. */
import { currencyExponent } from "../base/money.js";
import { aliveProbability, expectedRepeats, fitBgNbd, type PurchaseClass } from "../stats/bg-nbd.js";
import { fitGammaGamma } from "../stats/gamma-gamma.js";
import type { Cell, Row } from "../warehouse/types.js";

/** The models' unit of time. */
const WEEK = 7;

/** `int_repeat_classes__computed`: one row per basis and class. Each basis is a model of its own. */
export function fillRepeatClasses(rows: readonly Row[]): readonly Row[] {
  const bases = [...new Set(rows.map((row) => String(row["basis"])))];
  return bases.flatMap((basis): readonly Row[] => {
    const own = rows.filter((row) => row["basis"] === basis);
    const fit = fitBgNbd(own.map(purchaseClass));
    if (fit.status !== "ok") return own.map((row) => ({ ...row, refused_because: fit.because }));
    const { logLikelihood, ...parameters } = fit.model;
    return own.map((row) => ({
      ...row,
      p_alive: sixDigits(aliveProbability(fit.model, purchaseClass(row))),
      expected_orders: sixDigits(expectedRepeats(fit.model, purchaseClass(row), Number(row["horizon_days"]) / WEEK)),
      ...parameters,
      log_likelihood: logLikelihood,
    }));
  });
}

function purchaseClass(row: Row): PurchaseClass {
  return {
    repeats: Number(row["repeat_count"]),
    recency: Number(row["recency_days"]) / WEEK,
    age: Number(row["age_days"]) / WEEK,
    customers: Number(row["customer_count"]),
  };
}

/** `int_repeat_values__computed`: one row per class; amounts are modelled in main units of the currency. */
export function fillRepeatValues(rows: readonly Row[]): readonly Row[] {
  const fit = fitGammaGamma(
    rows.map((row) => {
      const [repeats, customers] = [Number(row["repeat_count"]), Number(row["customer_count"])];
      return { repeats, customers, mean: Number(row["repeat_cents"]) / unitOf(row["currency"]) / customers / repeats };
    }),
  );
  if (fit.status !== "ok") return rows.map((row) => ({ ...row, refused_because: fit.because }));
  const { p, q, v, logLikelihood } = fit.model;
  return rows.map((row) => ({ ...row, p, q, v_cents: v * unitOf(row["currency"]), log_likelihood: logLikelihood }));
}

function unitOf(currency: Cell | undefined): number {
  return 10 ** currencyExponent(String(currency));
}

/** What a machine may compute otherwise in its last digits is not kept. */
function sixDigits(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
