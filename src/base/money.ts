/**
 * Money is an integer number of minor units with its currency; it is never a float.
 * Exponents: ISO 4217. Currencies that are not listed have two decimals.
 */

/** An amount in minor units of its own currency (USD cents, JPY yen, KWD fils). */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

const ZERO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ");
const THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND".split(" ");

/** The currencies whose minor unit is not a hundredth, as { currency: exponent }; SQL's `minor_units` macro is checked against it. */
export const CURRENCY_EXPONENTS: Readonly<Record<string, number>> = Object.fromEntries([
  ...ZERO_DECIMALS.map((code) => [code, 0] as const),
  ...THREE_DECIMALS.map((code) => [code, 3] as const),
]);

/** Digits after the decimal point of a currency (ISO 4217), e.g. 2 for USD, 0 for JPY, 3 for KWD. */
export function currencyExponent(currency: string): number {
  return CURRENCY_EXPONENTS[currency] ?? 2;
}

/** Minor units as a plain decimal string without grouping: 5990 USD -> "59.90". Exact for every safe integer. */
export function decimalText(money: Money): string {
  const exponent = currencyExponent(money.currency);
  const digits = String(Math.abs(money.minor)).padStart(exponent + 1, "0");
  const sign = money.minor < 0 ? "-" : "";
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
