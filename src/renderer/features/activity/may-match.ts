import type { AuditEvent } from '../../../contract/schemas.ts';
import type { AuditFilter } from './search-log.ts';

const EXACT = ['decision', 'kind', 'client', 'profile', 'account', 'service'] as const;

/** False for an event that the daemon would certainly leave out under `filter`: what happens live is then no reason to read the log. */
export function mayMatch(filter: AuditFilter, event: AuditEvent): boolean {
  if (EXACT.some((name) => filter[name] !== undefined && filter[name] !== event[name])) return false;
  const text = filter.text?.toLowerCase();
  // The daemon looks at fewer fields; JSON has quotes and backslashes in another form.
  return text === undefined || /["\\]/.test(text) || JSON.stringify(event).toLowerCase().includes(text);
}
