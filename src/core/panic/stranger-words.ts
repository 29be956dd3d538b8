import type { PanicRecord, StrangerKind } from './record.ts';

const KINDS: Readonly<Record<StrangerKind, string>> = {
  accessKey: 'access keys',
  password: 'passwords of services',
  sshKey: 'SSH keys',
};

/** Of a listing: AWS may not have been asked at all. */
export const NO_ANSWER = 'AWS did not answer';

/** Whether AWS has said what the users have, or that it does not say: what ended the panic may have come before. */
export function isLookedUp({ keys, lookups = [] }: PanicRecord): boolean {
  return keys.every(
    ({ account, user }) =>
      user === undefined ||
      Object.keys(KINDS).every((kind) =>
        lookups.some(
          (one) => one.account === account && one.user === user.name && one.kind === kind && one.failure !== NO_ANSWER,
        ),
      ),
  );
}

/** What is active at AWS and not in this vault, and what AWS could not be asked about: both are for a person to look at. */
export function strangersOf({ strangers, lookups = [], steps }: PanicRecord): string[] {
  const named = strangers
    // A rotation was being given it when AWS listed it.
    .filter(({ accessKeyId }) => !steps.some(({ target }) => target === accessKeyId))
    .map(strangerWords);
  const unseen = new Map<string, { user: string; failure: string; kinds: string[] }>();
  for (const { account, user, kind, failure } of lookups) {
    if (failure === undefined) continue;
    const group = `${account} ${user} ${failure}`;
    const { kinds } = unseen.get(group) ?? { kinds: [] };
    unseen.set(group, { user, failure, kinds: [...kinds, KINDS[kind]] });
  }
  return [
    ...named,
    ...[...unseen.values()].map(
      ({ user, failure, kinds }) =>
        `Look in the IAM console whether ${user} has active ${kinds.join(', ').replace(/, ([^,]*)$/, ' or $1')} that this report does not name: ${failure}.`,
    ),
  ];
}

function strangerWords({ user, accessKeyId, kind, service }: PanicRecord['strangers'][number]): string {
  const advice = 'find out who has it, and make it inactive in IAM.';
  switch (kind) {
    case 'password':
      return `${user} has an active ${service === 'bedrock.amazonaws.com' ? 'API key' : 'password'}${service === undefined ? '' : ` for ${service}`}, ${accessKeyId}, which is not in this vault and works without the access keys: ${advice}`;
    case 'sshKey':
      return `${user} has an active SSH key, ${accessKeyId}, which is not in this vault and works without the access keys: ${advice}`;
    default:
      return `${user} has another active key, ${accessKeyId}, which is not in this vault: ${advice}`;
  }
}
