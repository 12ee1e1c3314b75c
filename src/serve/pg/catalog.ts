export function translated(sql: string): string {
  return sql;
}
