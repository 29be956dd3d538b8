import { appendFileSync, renameSync, statSync } from 'node:fs';
import type { Logger } from '../core/ports.ts';

export const MAX_LOG_BYTES = 5 * 1024 * 1024;

/**
 * One JSON object a line, in `daemon.log`; at 5 MiB the file becomes `daemon.log.1` (one old file is kept). Callers log names, codes and
 * ids, never secrets, bodies or query strings. `echo` also gets each line as text for people.
 */
export function openFileLogger(path: string, echo?: (line: string) => void): Logger {
  let size = sizeOf(path);
  let failed = false;
  function write(level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>): void {
    const time = new Date().toISOString();
    const line = `${JSON.stringify({ time, level, message, ...(fields === undefined ? {} : describe(fields)) })}\n`;
    echo?.(`${time} ${level} ${message}${fields === undefined ? '' : ` ${JSON.stringify(describe(fields))}`}\n`);
    try {
      if (size + line.length > MAX_LOG_BYTES) {
        renameSync(path, `${path}.1`);
        size = 0;
      }
      appendFileSync(path, line, { mode: 0o600 });
      size += Buffer.byteLength(line);
      failed = false;
    } catch (error) {
      // A full disk must not take the daemon down; it is said once, where somebody may look.
      if (!failed) process.stderr.write(`keyhold: the log cannot be written: ${String(error)}\n`);
      failed = true;
    }
  }
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/** Errors do not survive JSON.stringify: name, code and stack do. */
function describe(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? (value.stack ?? `${value.name}: ${value.message}`) : value,
    ]),
  );
}
