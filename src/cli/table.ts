import { printable, textWidth, truncate } from './text-width.ts';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** Never shortened: ids and codes. */
  fixed?: boolean;
}

export interface TableOptions {
  /** Columns of the terminal; undefined when the output is no terminal, and nothing is shortened. */
  width: number | undefined;
  /** Makes the header stand out. */
  header?: (text: string) => string;
}

const GAP = 2;
const NARROWEST = 6;

/** Aligned columns with a header line, no box drawing. Ends with a newline. */
export function table(
  columns: readonly Column[],
  rows: ReadonlyArray<readonly string[]>,
  options: TableOptions,
): string {
  const cells = rows.map((row) => columns.map((_, index) => printable(row[index] ?? '') || '-'));
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...cells.map((row) => textWidth(row[index] ?? ''))),
  );
  if (options.width !== undefined) shrink(columns, widths, options.width);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => pad(truncate(text, widths[index] ?? 0), widths[index] ?? 0, columns[index]?.align))
      .join(' '.repeat(GAP))
      .trimEnd();
  const head = line(columns.map((column) => column.title));
  return [options.header === undefined ? head : options.header(head), ...cells.map(line), ''].join('\n');
}

/** Takes columns away from the widest column that may be shortened until the line fits. */
function shrink(columns: readonly Column[], widths: number[], available: number): void {
  const total = (): number => widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);
  while (total() > available) {
    let widest = -1;
    for (const [index, width] of widths.entries()) {
      if (columns[index]?.fixed === true || width <= NARROWEST) continue;
      if (widest === -1 || width > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function pad(text: string, width: number, align: 'left' | 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? space + text : text + space;
}

/** `Label  value` lines with the values aligned. Ends with a newline. */
export function facts(pairs: ReadonlyArray<readonly [string, string]>): string {
  const width = Math.max(0, ...pairs.map(([label]) => textWidth(label)));
  return pairs.map(([label, value]) => `${pad(label, width, 'left')}  ${printable(value)}\n`).join('');
}
