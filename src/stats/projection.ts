/**
 * Least squares in two steps: what some columns (trend, season) explain is taken out of all others, and what is left is explained by those
 * (Frisch and Waugh 1933, Lovell 1963): the coefficients are the ones of a fit of all together.
 */

/** A series of numbers, one per week. */
export type Column = Float64Array;

/** Columns made orthogonal and of length 1, and which of the given ones are in it: not those that the ones before explain. */
export interface Basis {
  readonly directions: readonly Column[];
  readonly kept: readonly number[];
}

/** Sum of the products of two columns. */
export function dot(a: Column, b: Column): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

/** A column is explained by others where less than this part of its length is left. */
const NOTHING = 1e-8;

/** Orthogonal directions of the columns, by Gram and Schmidt, twice (once loses digits). */
export function basisOf(columns: readonly Column[]): Basis {
  const [directions, kept]: [Column[], number[]] = [[], []];
  columns.forEach((column, index) => {
    const rest = without(without(column, directions), directions);
    const length = Math.sqrt(dot(rest, rest));
    if (length <= NOTHING * Math.sqrt(dot(column, column))) return;
    directions.push(rest.map((value) => value / length));
    kept.push(index);
  });
  return { directions, kept };
}

/** What is left of a column when orthogonal directions have explained what they can. */
export function without(column: Column, directions: readonly Column[]): Column {
  const rest = column.slice();
  for (const direction of directions) {
    const part = dot(direction, rest);
    for (let index = 0; index < rest.length; index += 1)
      rest[index] = (rest[index] ?? 0) - part * (direction[index] ?? 0);
  }
  return rest;
}
