import { type Draft, hexId } from '../draft.ts';
import type { Ports } from '../ports.ts';
import type { Found, Thing } from '../things.ts';
import type { FreeNames } from './free-names.ts';

interface Making {
  ports: Ports;
  draft: Draft;
  /** By their ids; the new one is added. */
  accounts: Map<string, Found<'account'>>;
  free: FreeNames;
  /** Hears the new one's name. */
  added: { accounts: string[] };
}

/** Drafts a remote account that something chosen is in. */
export function addAccount(
  { accountId, accountName }: { accountId: string; accountName?: string | undefined },
  { ports, draft, accounts, free, added }: Making,
): Found<'account'> {
  const value: Thing<'account'> = {
    name: free.take('account', accountName ?? accountId),
    accountId,
    kind: 'remote',
    createdAt: ports.clock.now(),
  };
  const found = { id: hexId(ports), value };
  draft.put('account', found.id, value);
  draft.record('account.add', value.name, { account: value.name });
  accounts.set(accountId, found);
  added.accounts.push(value.name);
  return found;
}
