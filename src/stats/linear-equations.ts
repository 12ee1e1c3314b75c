/** Solves matrix x = right by Gaussian elimination with partial pivoting; a column without a pivot gives figures that are no numbers. */
export function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const pivot = rows.slice(column).reduce((best, row) => (at(row, column) > at(best, column) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    for (const row of rows) if (row !== pivot) eliminate(row, pivot, column);
  }
  return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}

function at(row: readonly number[], column: number): number {
  return Math.abs(row[column] ?? 0);
}

function eliminate(row: number[], pivot: readonly number[], column: number): void {
  const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
  if (factor === 0) return;
  for (let index = column; index < row.length; index++) row[index] = (row[index] ?? 0) - factor * (pivot[index] ?? 0);
}
