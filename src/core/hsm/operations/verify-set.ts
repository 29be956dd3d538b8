import { equal } from '../../crypto/equal.ts';
import { fieldsOf } from '../input.ts';
import { headMac, pageMac } from '../manifest.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, verifyingKeys } from '../state.ts';
import { headOf, storedMacOf, storedPagesOf } from '../vault-input.ts';

export function verifyPages(state: TokenState, input: unknown): HsmOutput<'verifyPages'> {
  const fields = fieldsOf(input, 'input', ['pages']);
  const pages = storedPagesOf(fields['pages']);
  const keys = verifyingKeys(state);
  const broken = pages
    .filter(({ page, entries, mac }) => !equal(pageMac(keys.manifest, keys.vaultId, page, entries), mac))
    .map(({ page }) => page);
  return { broken };
}

export function verifyHead(state: TokenState, input: unknown): HsmOutput<'verifyHead'> {
  const fields = fieldsOf(input, 'input', ['head', 'headMac']);
  const head = headOf(fields['head']);
  const mac = storedMacOf(fields['headMac'], 'headMac');
  const keys = verifyingKeys(state);
  return { ok: equal(headMac(keys.manifest, keys.vaultId, head), mac) };
}
