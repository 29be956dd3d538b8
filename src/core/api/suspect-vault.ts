import type { Core } from '../core.ts';

/**
 * The unlocked vault was found not to verify: where there are mirrors, one takes its place at the next unlock.
 */
export function suspectVault({ mirrors, emit, ports }: Core): void {
  if (!mirrors.listening || mirrors.suspected) return;
  mirrors.suspected = true;
  const message = 'The vault file is damaged. Lock and unlock it: it is then replaced by a copy that verifies.';
  ports.log.error(message);
  emit({ type: 'notice', level: 'error', message });
}
