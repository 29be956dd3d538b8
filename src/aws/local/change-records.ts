import { KeyholdError } from '../../contract/errors.ts';
import type { Draft } from '../../core/draft.ts';
import type { ThingKind, Things } from '../../core/things.ts';
import type { OperationContext } from './operation-context.ts';

/** One change of a service's records, alone: what `fill` finds still holds when it is written. `kinds` have been read when it runs, `account` always. */
export function changeRecords<T>(
  ctx: OperationContext,
  kinds: readonly ThingKind[],
  fill: (draft: Draft, things: Things) => T | Promise<T>,
): Promise<T> {
  return ctx.session.write(
    'daemon',
    async (draft) => {
      const { things } = ctx.session;
      // Removed since the request came in: nothing may be left behind that belongs to nobody.
      if (things.get('account', ctx.account.id) === undefined) throw accountRemoved();
      const result = await fill(draft, things);
      return () => result;
    },
    ['account', ...kinds],
  );
}

function accountRemoved(): KeyholdError {
  return new KeyholdError('NotFound', 'The account has been removed from Keyhold.');
}
