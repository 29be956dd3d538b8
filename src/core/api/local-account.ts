import { KeyholdError } from '../../contract/errors.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';

/** The local account of this name. Throws `NotFound`, or `Unsupported` for a remote one. */
export async function localAccount(session: Session, name: string): Promise<Found<'account'>> {
  const things = await session.need('account');
  const account = things.byName('account', name);
  if (account.value.kind === 'local') return account;
  throw new KeyholdError(
    'Unsupported',
    `The account ${account.value.name} is a remote account, which only tools use. Use keyhold exec.`,
  );
}
