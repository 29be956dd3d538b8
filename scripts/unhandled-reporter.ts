import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter } from 'vitest/node';

/** Where this reporter writes the messages of errors that no test caught, as JSON: vitest's own JSON report leaves them out, and only its exit status tells of them. */
export const UNHANDLED_REPORT = 'KEYHOLD_UNHANDLED_REPORT';

export default class UnhandledReporter implements Reporter {
  onTestRunEnd(_modules: unknown, errors: readonly SerializedError[]): void {
    const path = process.env[UNHANDLED_REPORT];
    if (path === undefined) return;
    const text = ({ name, message, stack }: SerializedError): string => stack ?? `${name ?? 'Error'}: ${message}`;
    writeFileSync(path, JSON.stringify(errors.map(text)));
  }
}
