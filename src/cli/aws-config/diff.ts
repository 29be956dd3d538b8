import { latinLines, toLatin } from './block.ts';

/** What changes between two versions of a file, line by line: ` `, `-` and `+` with three lines around. */
export function lineDiff(before: Uint8Array | null, after: Uint8Array | null): string {
  const old = texts(before);
  const next = texts(after);
  let head = 0;
  while (head < old.length && head < next.length && old[head] === next[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < next.length - head && old.at(-1 - tail) === next.at(-1 - tail)) tail++;
  if (head === old.length && head === next.length) return '';
  const lines = [
    ...old.slice(Math.max(0, head - 3), head).map((line) => `  ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `- ${line}`),
    ...next.slice(head, next.length - tail).map((line) => `+ ${line}`),
    ...old.slice(old.length - tail, old.length - tail + 3).map((line) => `  ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

function texts(bytes: Uint8Array | null): string[] {
  if (bytes === null) return [];
  return [...latinLines(toLatin(bytes))].map((line) => Buffer.from(line.text, 'latin1').toString('utf8'));
}
