import { Transform } from 'node:stream';

const SHOW_AFTER_MS = 1000;
const REDRAW_MS = 100;
const BAR = 24;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people, in powers of 1000. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit] ?? ''}`;
}

/** One line of progress; `total` is unknown for a pipe. */
export function progressLine(done: number, total: number | undefined, elapsedMs: number): string {
  const rate = `${formatBytes(Math.round((done * 1000) / Math.max(elapsedMs, 1)))}/s`;
  if (total === undefined || total === 0) return `${formatBytes(done)}  ${rate}`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${formatBytes(done)} of ${formatBytes(total)}  ${rate}`;
}

/** Passes bytes on and counts them; after a second it draws a bar on `out`, where that is a terminal. */
export function progress(
  total: number | undefined,
  out: NodeJS.WriteStream = process.stderr,
): Transform & { bytes: number } {
  const started = performance.now();
  let drawn = 0;
  let shown = false;
  const clear = (): void => {
    if (shown) out.write('\r\u001b[K');
    shown = false;
  };
  const counter = Object.assign(
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        counter.bytes += chunk.length;
        const now = performance.now();
        if (out.isTTY && now - started > SHOW_AFTER_MS && now - drawn > REDRAW_MS) {
          drawn = now;
          shown = true;
          out.write(`\r\u001b[K${progressLine(counter.bytes, total, now - started)}`);
        }
        done(null, chunk);
      },
      flush(done) {
        clear();
        done();
      },
      destroy(error, done) {
        clear();
        done(error);
      },
    }),
    { bytes: 0 },
  );
  return counter;
}
