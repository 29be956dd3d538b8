import { KeyholdError } from '../../contract/errors.ts';
import type { Finding } from '../../contract/schemas.ts';

/** `record accessKey 9f31c2d4…` */
export function recordPlace(kind: string, id: string): string {
  return `record ${kind} ${id.slice(0, 8)}…`;
}

export function finding(where: string, what: string, message: string): Finding {
  return { severity: 'error', where, what, message };
}

/** `VaultTampered` that carries what was found and names the first of it. */
export function tampered(findings: readonly Finding[], options?: ErrorOptions): KeyholdError {
  const first = findings[0];
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
  const what = first === undefined ? 'something' : `${first.where}: ${first.what}${more}`;
  return new KeyholdError(
    'VaultTampered',
    `The vault was changed from outside (${what}). Restore a backup you trust with "keyhold hsm restore".`,
    { findings: [...findings] },
    options,
  );
}

/** `VaultCorrupt` that names the damaged place. */
export function corrupt(where: string, message: string, options?: ErrorOptions): KeyholdError {
  return new KeyholdError(
    'VaultCorrupt',
    `The vault file is damaged (${where}: ${message}). Restore a backup with "keyhold hsm restore".`,
    { findings: [finding(where, 'structure', message)] },
    options,
  );
}
