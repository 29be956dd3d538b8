/** One measured promise. A row without a target is for orientation. */
export interface BenchRow {
  what: string;
  ours: string;
  /** What it is compared with, measured in the same run. */
  peer?: string;
  /** The number the target is about. */
  measured?: string;
  target?: string;
  met?: boolean;
}

/** Hands the rows to `bench/run.ts`, or prints them when the benchmark was started by itself. */
export function report(rows: readonly BenchRow[]): void {
  if (process.send === undefined) console.log(renderTable(rows));
  else process.send({ rows });
}

export function isBenchRow(value: unknown): value is BenchRow {
  return typeof value === 'object' && value !== null && 'what' in value && 'ours' in value;
}

const TITLES = ['what', 'keyhold', 'peer', 'measured', 'target', ''] as const;

export function renderTable(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.ours,
    row.peer ?? '',
    row.measured ?? '',
    row.target ?? '',
    row.met === undefined ? '' : row.met ? 'met' : 'MISSED',
  ]);
  const table = [[...TITLES], ...cells];
  const widths = TITLES.map((_title, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which the share `q` (0 to 1) of the values lies; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}
