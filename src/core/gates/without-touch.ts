import { KeyholdError } from '../../contract/errors.ts';

const CODES: ReadonlySet<string> = new Set([
  'TouchRequired',
  'TouchTimeout',
  'TouchRefused',
  'Cancelled',
  'DeviceGone',
]);

/** Whether it failed because nobody gave the touch of a security key that it wanted. */
export function isWithoutTouch(error: unknown): boolean {
  return error instanceof KeyholdError && CODES.has(error.code);
}
