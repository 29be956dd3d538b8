import type { Handler } from './handler.ts';

/**
 * Whether a secret (and session token) is what the vault holds under this name. A wrong one enters the audit log: whoever asks often enough is
 * guessing.
 */
export const keyMatches: Handler<'key.matches'> = async ({ core, actor }, input) => {
  const session = core.session();
  await session.need('accessKey', 'account');
  const { value } = session.things.byName('accessKey', input.name);
  const { same } = await session.hsm.call('compareObject', {
    key: session.objectRef(value.secret.id),
    sealed: input.secretAccessKey,
    purpose: 'secret-access-key',
  });
  const { token } = value;
  const sameToken =
    token === undefined || input.sessionToken === undefined
      ? token === undefined && input.sessionToken === undefined
      : (
          await session.hsm.call('compareObject', {
            key: session.objectRef(token.id),
            sealed: input.sessionToken,
            purpose: 'session-token',
          })
        ).same;
  const matches = same && sameToken;
  if (!matches) {
    const account = session.things.must('account', value.account).name;
    await session.note(actor, 'key.compare', value.name, { account, decision: 'denied', reason: 'another secret' });
  }
  return { matches };
};
