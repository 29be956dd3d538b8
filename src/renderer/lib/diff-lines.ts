export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
  /** From 1; in the old text for what was removed, else in the new one. */
  number: number;
}

/** The lines of `before` and `after` with what was taken out and put in, by their longest common subsequence. For texts of some thousand lines at most. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  // lengths[i][j]: the longest common subsequence of a from i and b from j.
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const length = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: b[j] ?? '', number: j + 1 });
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || length(i + 1, j) >= length(i, j + 1))) {
      lines.push({ kind: 'removed', text: a[i] ?? '', number: i + 1 });
      i += 1;
    } else {
      lines.push({ kind: 'added', text: b[j] ?? '', number: j + 1 });
      j += 1;
    }
  }
  return lines;
}
