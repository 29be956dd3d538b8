/** The form in which names are compared: Unicode NFC, lower case. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

const MAX_SUGGESTIONS = 3;

/** Up to three of `known` that a person may have meant: the same beginning, or few slips of the finger away. Best first. */
export function suggestNames(wanted: string, known: readonly string[]): string[] {
  const target = foldName(wanted);
  return known
    .map((name) => ({ name, distance: nearness(target, foldName(name)) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(target.length / 3)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

function nearness(wanted: string, name: string): number {
  if (wanted.length >= 2 && (name.startsWith(wanted) || wanted.startsWith(name))) return 0.5;
  return editDistance(wanted, name);
}

/** Slips between two names: a letter more, fewer, other, or two swapped (optimal string alignment), in UTF-16 code units. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
