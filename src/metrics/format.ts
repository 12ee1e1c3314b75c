import { currencyExponent, decimalText } from "../base/money.js";
import type { Compared, MetricValue, Unit } from "./types.js";

/**
 * Values as people read them. No locale is asked: the same value is the same text on every machine.
 * A minus is U+2212 so that columns of figures align; machines read `plainValue` instead.
 */

const SYMBOLS: Readonly<Record<string, string>> = {
  USD: "$",
  EUR: "€",
  GBP: "£",
  JPY: "¥",
  INR: "₹",
  KRW: "₩",
  TRY: "₺",
  ILS: "₪",
  UAH: "₴",
  VND: "₫",
  PHP: "₱",
  BRL: "R$",
  CAD: "CA$",
  AUD: "A$",
  NZD: "NZ$",
  MXN: "MX$",
  HKD: "HK$",
  CNY: "CN¥",
};

const MINUS = "−";
const NOT_THERE = "n/a";

/** A value in its unit: `$1,234.56`, `126`, `4.2%`, `2.46x`, `n/a`. Money is minor units of `currency`; fractions of one are rounded. */
export function formatValue(value: MetricValue, unit: Unit, currency: string): string {
  return value.status === "ok" ? formatNumber(value.value, unit, currency) : NOT_THERE;
}

/** Why a value is not there, as `n/a` needs it beside itself; null for a value. */
export function missingReason(value: MetricValue): string | null {
  return value.status === "ok" ? null : value.detail;
}

/** The change against the comparison: `+19.0%`, `−2.5%`; ratios in points, `+1.5 pp`; `n/a` when either is not there. */
export function formatChange(compared: Compared, unit: Unit): string {
  const { value, previous, change } = compared;
  if (unit === "ratio") {
    if (value.status !== "ok" || previous?.status !== "ok") return NOT_THERE;
    return `${signed((value.value - previous.value) * 100, 1)} pp`;
  }
  return change?.status === "ok" ? `${signed(change.value * 100, 1)}%` : NOT_THERE;
}

/** A value for machines: money as a decimal in currency units, ratios as decimals, a point as decimal mark, no grouping. Empty when it is not there. */
export function plainValue(value: MetricValue, unit: Unit, currency: string): string {
  if (value.status !== "ok") return "";
  if (unit === "money" && Number.isInteger(value.value)) return decimalText({ minor: value.value, currency });
  const number = unit === "money" ? value.value / 10 ** currencyExponent(currency) : value.value;
  const text = rounded(number, Number.isInteger(number) ? 0 : 6);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function formatNumber(value: number, unit: Unit, currency: string): string {
  switch (unit) {
    case "money":
      return money(value, currency);
    case "count":
    case "days":
      return withSign(value, grouped(rounded(Math.abs(value), 0)));
    case "ratio":
      return `${withSign(value, grouped(rounded(Math.abs(value) * 100, 1)))}%`;
    case "multiple":
      return `${withSign(value, grouped(rounded(Math.abs(value), 2)))}x`;
    case "number":
      return withSign(value, grouped(rounded(Math.abs(value), 2)));
  }
}

function money(minor: number, currency: string): string {
  const exponent = currencyExponent(currency);
  const text = grouped(decimalText({ minor: Number(rounded(Math.abs(minor), 0)), currency }));
  const symbol = SYMBOLS[currency] ?? `${currency} `;
  return withSign(Number(rounded(minor, 0)), `${symbol}${exponent === 0 ? text.replace(/\..*/, "") : text}`);
}

/** Half away from zero, as people round, at the digits that they see (1.005 is 1.01). */
function rounded(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size >= 1e15) return value.toFixed(digits);
  const shifted = Math.round(Number(`${plainDigits(size)}e${digits}`));
  const text = Number(`${shifted}e-${digits}`).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `-${text}` : text;
}

/** A number without an exponent of its own, so that one can be appended; below 1e-12 it is nothing. */
function plainDigits(size: number): string {
  return size < 1e-6 ? size.toFixed(12) : String(size);
}

function grouped(text: string): string {
  const [whole = "", ...fraction] = text.split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...fraction].join(".");
}

/** The minus only where the rounded text is not zero. */
function withSign(value: number, text: string): string {
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

function signed(value: number, digits: number): string {
  const text = grouped(rounded(Math.abs(value), digits));
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : `+${text}`;
}
