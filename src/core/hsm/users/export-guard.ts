import type { ObjectAttributes } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { isGuarded } from './guarded.ts';
import { spendToken } from './quorum.ts';
import { usersNow } from './state.ts';

/**
 * For every operation through which key material leaves the HSM, however it is wrapped: throws `QuorumRequired` unless nothing guards it or `guardExport` for it has been
 * committed within the last five minutes.
 */
export function requireExportAllowed(state: TokenState, objects: readonly ObjectAttributes[]): void {
  const { roster } = usersNow(state);
  if (roster === null || roster.quorum.key === 0) return;
  const { clock } = state.ports;
  const refused = objects.filter((attributes) => {
    const until = state.users.exports.get(attributes.id) ?? 0;
    return isGuarded(attributes, clock.now()) && until <= clock.monotonic();
  });
  if (refused.length === 0) return;
  const ids = refused.map(({ id }) => id);
  spendToken(state, { ...roster, tokens: [] }, { do: 'export', target: 'objects', objects: ids, labels: [] });
}
