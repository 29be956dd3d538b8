import { KeyholdError } from '../../contract/errors.ts';
import { type Account, isUnencryptedEndpoint } from '../../contract/schemas.ts';
import type { Core } from '../core.ts';
import { IAM_KINDS, removeIamOfAccount } from '../directory/remove-records.ts';
import { type Draft, hexId } from '../draft.ts';
import { fateOf, tokenKeysOf, tokenKeysUndecided } from '../kms/account-token-keys.ts';
import { KMS_KINDS, removeKmsOfAccount } from '../kms/remove-records.ts';
import { destroyTokenKeys } from '../kms/token-keys.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import { assertLocalRegion } from '../sessions/assert-profile.ts';
import { THING_KINDS, type Things } from '../things.ts';
import { viewAccount } from '../views.ts';
import { DEFAULT_REGION } from './default-region.ts';
import type { Handlers } from './handler.ts';
import { dependentsOfAccount, removeWithDependents } from './removal.ts';

export const accountHandlers: Handlers<
  'account.list' | 'account.add' | 'account.update' | 'account.remove' | 'account.reset'
> = {
  'account.list': async ({ core }) => {
    const things = await core.session().need('account');
    return { accounts: things.all('account').map(viewAccount) };
  },

  'account.add': ({ core, actor }, { region, insecureEndpoint, ...input }) => {
    const session = core.session();
    const { things } = session;
    refuseMismatch(input.kind, { endpointUrl: input.endpointUrl, region });
    refuseUnencrypted(input.endpointUrl, insecureEndpoint);
    if (region !== undefined) assertLocalRegion(region);
    return session.write(actor, (draft) => {
      things.assertFree('account', input.name);
      if (input.kind === 'local') assertOnlyLocal(things, input.accountId);
      const id = hexId(core.ports);
      const createdAt = core.ports.clock.now();
      const value = omitUndefined({ ...input, createdAt });
      draft.put('account', id, value);
      draft.record('account.add', input.name, { account: input.name });
      if (input.kind === 'local' && things.findByName('profile', input.name) === undefined) {
        const profile = { name: input.name, account: id, region: region ?? DEFAULT_REGION, createdAt };
        draft.put('profile', hexId(core.ports), profile);
        draft.record('profile.add', input.name, { account: input.name, profile: input.name });
      }
      return () => viewAccount({ id, value });
    });
  },

  'account.update': ({ core, actor }, { name, rename, endpointUrl, insecureEndpoint, note }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const { id, value } = session.things.byName('account', name);
      if (rename !== undefined) session.things.assertFree('account', rename, id);
      refuseMismatch(value.kind, { endpointUrl: endpointUrl ?? undefined });
      if (endpointUrl !== value.endpointUrl) refuseUnencrypted(endpointUrl ?? undefined, insecureEndpoint);
      const next = omitUndefined({
        ...value,
        name: rename ?? value.name,
        endpointUrl: endpointUrl === null ? undefined : (endpointUrl ?? value.endpointUrl),
        note: note ?? value.note,
      });
      draft.put('account', id, next);
      draft.record('account.update', next.name, { account: next.name, ...renamed(value.name, next.name) });
      return () => viewAccount({ id, value: next });
    });
  },

  'account.remove': ({ core, actor }, { name, cascade, tokenKeys }) => {
    const session = core.session();
    const { things } = session;
    return session.write(
      actor,
      (draft) => {
        const { id, value } = things.byName('account', name);
        const dependents = dependentsOfAccount(things, id);
        removeWithDependents(
          draft,
          things,
          { noun: 'account', name: value.name, cascade: cascade ?? false },
          dependents,
        );
        const inTokens = tokenKeysOf(things, id);
        const held = removeServicesOfAccount(draft, things, id, { leaveInTokens: tokenKeys !== 'destroy' });
        if (held > 0 && cascade !== true) {
          throw new KeyholdError(
            'InUse',
            `The account ${value.name} holds ${held} records of its services. Reset it first, or remove all of it at once (--cascade).`,
            { dependents: [] },
          );
        }
        if (inTokens.keys > 0 && tokenKeys === undefined) throw tokenKeysUndecided(value.name, inTokens);
        draft.remove('account', id);
        if (value.naming !== undefined) draft.removeObject(value.naming.id);
        draft.record('account.remove', value.name, { account: value.name, ...fateOf(inTokens, tokenKeys) });
        return () => {
          destroySoon(core, session);
          return { tokenKeys: inTokens.keys };
        };
      },
      THING_KINDS,
    );
  },

  'account.reset': ({ core, actor }, { name }) => {
    const session = core.session();
    const { things } = session;
    return session.write(
      actor,
      (draft) => {
        const { id, value } = things.byName('account', name);
        if (value.kind === 'remote') {
          throw new KeyholdError(
            'Unsupported',
            `The account ${value.name} is a remote account; only local ones can be emptied.`,
          );
        }
        const removed = removeServicesOfAccount(draft, things, id);
        draft.record('account.reset', value.name, { account: value.name, reason: `${removed} records` });
        return () => {
          destroySoon(core, session);
          return { removed };
        };
      },
      ['account', 'hsmToken', ...KMS_KINDS, ...IAM_KINDS],
    );
  },
};

/** Drafts the end of what the account's services hold, and answers how many records that are. */
function removeServicesOfAccount(
  draft: Draft,
  things: Things,
  account: string,
  options: { leaveInTokens?: boolean } = {},
): number {
  return removeKmsOfAccount(draft, things, account, options) + removeIamOfAccount(draft, things, account);
}

/** A token can take its time; what it does not do now is done by the sweep. */
function destroySoon(core: Core, session: Session): void {
  core.lifecycle.later(0, () => destroyTokenKeys(session, core.ports));
}

/** An endpoint belongs to a remote account, a first profile's region to a local one. */
function refuseMismatch(
  kind: Account['kind'],
  given: { endpointUrl?: string | undefined; region?: string | undefined },
): void {
  if (kind === 'local' && given.endpointUrl !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      'endpointUrl: a local account is served here and has no endpoint of its own.',
    );
  }
  if (kind === 'remote' && given.region !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      'region: give it to the profile of a remote account, with `keyhold profile add`.',
    );
  }
}

/** ARNs name an account by its id alone, so two local accounts with one id could not be told apart. */
function assertOnlyLocal(things: Things, accountId: string): void {
  const same = things.all('account').find(({ value }) => value.kind === 'local' && value.accountId === accountId);
  if (same === undefined) return;
  throw new KeyholdError(
    'AlreadyExists',
    `The local account ${same.value.name} already has the id ${accountId}; choose another id.`,
    { kind: 'account', name: same.value.name },
  );
}

function refuseUnencrypted(endpointUrl: string | undefined, meant: boolean | undefined): void {
  if (endpointUrl === undefined || meant === true || !isUnencryptedEndpoint(endpointUrl)) return;
  throw new KeyholdError(
    'InvalidInput',
    'endpointUrl: over http:// requests would leave this machine unencrypted. Use https://, or allow it (--insecure-endpoint).',
  );
}

/** The reason to put into the audit entry of a change that may rename. */
export function renamed(before: string, after: string): { reason?: string } {
  return before === after ? {} : { reason: `renamed from ${before}` };
}
