import { ERROR_CODES, KeyholdError } from '../../contract/errors.ts';
import type { DaemonEvent } from '../../contract/events.ts';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The result in an answer `{ result }`; throws the KeyholdError in `{ error }`. */
export function readAnswer(answer: unknown): unknown {
  if (isRecord(answer)) {
    if ('error' in answer) throw readError(answer['error']);
    if ('result' in answer) return answer['result'];
  }
  throw new KeyholdError('Internal', 'Keyhold answered in a form this page does not know. Reload the page.');
}

function readError(error: unknown): KeyholdError {
  if (isRecord(error) && typeof error['message'] === 'string') {
    const code = ERROR_CODES.find((one) => one === error['code']) ?? 'Internal';
    const details = error['details'];
    return KeyholdError.fromWire({ code, message: error['message'], ...(isRecord(details) ? { details } : {}) });
  }
  return new KeyholdError('Internal', 'Keyhold reported an error without a reason. The daemon log has the details.');
}

const EVENT_TYPES: ReadonlySet<unknown> = new Set<DaemonEvent['type']>([
  'status',
  'audit',
  'changed',
  'mfa.prompt',
  'mfa.promptDone',
  'notice',
  'rekey',
]);

/** The daemon's own events; anything else (a newer daemon's) is not for this page. */
export function isDaemonEvent(value: unknown): value is DaemonEvent {
  return isRecord(value) && EVENT_TYPES.has(value['type']);
}
