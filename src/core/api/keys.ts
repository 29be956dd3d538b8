import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import { AwsAccessKeyId } from '../../contract/schemas.ts';
import { CLIENT_KEY_PREFIX } from '../client-key-id.ts';
import { hexId } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Thing } from '../things.ts';
import { profilesByKey, viewKey } from '../views.ts';
import { renamed } from './accounts.ts';
import type { Handlers } from './handler.ts';
import { dependentsOfKey, removeKey, removeWithDependents } from './removal.ts';

const SHORTEST_AWS_SECRET = 16;
/** Of AES-256-GCM, behind what is sealed. */
const TAG_BYTES = 16;

/** Stores with an endpoint of their own have keys of other shapes. The message does not repeat the id: it may be a secret in the wrong place. */
function assertAwsKey({ accessKeyId, secretAccessKey }: Input<'key.import'>): void {
  const issue = AwsAccessKeyId.safeParse(accessKeyId).error?.issues[0];
  if (issue !== undefined) throw new KeyholdError('InvalidInput', `accessKeyId: ${issue.message}.`);
  if (Buffer.byteLength(secretAccessKey.ciphertext, 'base64') - TAG_BYTES < SHORTEST_AWS_SECRET) {
    throw new KeyholdError(
      'InvalidInput',
      `secretAccessKey: one of AWS has at least ${SHORTEST_AWS_SECRET} characters (40, as a rule). Copy it again.`,
    );
  }
}

export const keyHandlers: Handlers<'key.list' | 'key.import' | 'key.update' | 'key.remove'> = {
  'key.list': async ({ core }) => {
    const session = core.session();
    const things = await session.need('accessKey', 'account', 'profile', 'securityKey');
    const profiles = profilesByKey(things);
    return {
      keys: things.all('accessKey').map((key) => viewKey(things, session.freshKey(key), profiles.get(key.id) ?? [])),
    };
  },

  'key.import': ({ core, actor }, input) => {
    const session = core.session();
    const { things } = session;
    if (input.accessKeyId.startsWith(CLIENT_KEY_PREFIX)) {
      throw new KeyholdError(
        'InvalidInput',
        `accessKeyId: ${input.accessKeyId} is a client key that Keyhold made, not an AWS access key.`,
      );
    }
    return session.write(actor, async (draft) => {
      const account = things.byName('account', input.account);
      if (account.value.kind === 'local') {
        throw new KeyholdError(
          'InvalidInput',
          `account: ${account.value.name} is a local account, which AWS's keys do not open; make a client for it instead.`,
        );
      }
      if (account.value.endpointUrl === undefined) assertAwsKey(input);
      things.assertFree('accessKey', input.name);
      const twin = things
        .all('accessKey')
        .find(({ value }) => value.account === account.id && value.accessKeyId === input.accessKeyId);
      if (twin !== undefined) {
        const message = `The account ${account.value.name} already has ${input.accessKeyId}, as ${twin.value.name}.`;
        throw new KeyholdError('AlreadyExists', message, { kind: 'accessKey', name: twin.value.name });
      }
      const createdAt = core.ports.clock.now();
      const secret = await session.hsm.call('importObject', {
        id: hexId(core.ports),
        sealed: input.secretAccessKey,
        purpose: 'secret-access-key',
        attributes: {
          class: 'secret-key',
          spec: 'AWS_SECRET_ACCESS_KEY',
          usage: ['sigv4'],
          extractable: false,
          label: input.accessKeyId,
          createdAt,
          policy: {},
        },
      });
      const token =
        input.sessionToken === undefined
          ? undefined
          : await session.hsm.call('importObject', {
              id: hexId(core.ports),
              sealed: input.sessionToken,
              purpose: 'session-token',
              attributes: {
                class: 'data',
                spec: 'GENERIC_SECRET',
                usage: [],
                extractable: false,
                label: input.accessKeyId,
                createdAt,
                policy: {},
              },
            });
      const id = hexId(core.ports);
      const value: Thing<'accessKey'> = omitUndefined({
        name: input.name,
        account: account.id,
        accessKeyId: input.accessKeyId,
        status: 'active' as const,
        secret: { id: secret.attributes.id },
        token: token === undefined ? undefined : { id: token.attributes.id },
        tags: input.tags ?? {},
        note: input.note ?? '',
        source: input.source,
        createdAt,
      });
      draft.putObject(secret.attributes.id, 1, secret.blob);
      if (token !== undefined) draft.putObject(token.attributes.id, 1, token.blob);
      draft.put('accessKey', id, value);
      draft.record('key.import', input.name, { account: account.value.name, reason: `from ${input.source}` });
      return () => viewKey(things, { id, value }, []);
    });
  },

  'key.update': ({ core, actor }, { name, rename, status, tags, note }) => {
    const session = core.session();
    const { things } = session;
    return session.write(actor, (draft) => {
      const { id, value } = things.byName('accessKey', name);
      if (rename !== undefined) things.assertFree('accessKey', rename, id);
      const next: Thing<'accessKey'> = {
        ...value,
        name: rename ?? value.name,
        status: status ?? value.status,
        tags: tags ?? value.tags,
        note: note ?? value.note,
      };
      draft.put('accessKey', id, next);
      const action =
        next.status === value.status ? 'key.update' : next.status === 'active' ? 'key.enable' : 'key.disable';
      const account = things.must('account', value.account).name;
      draft.record(action, next.name, { account, ...renamed(value.name, next.name) });
      return () => viewKey(things, session.freshKey({ id, value: next }), profilesByKey(things).get(id) ?? []);
    });
  },

  'key.remove': ({ core, actor }, { name, cascade }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const key = session.things.byName('accessKey', name);
      const dependents = dependentsOfKey(session.things, key.id);
      removeWithDependents(
        draft,
        session.things,
        { noun: 'key', name: key.value.name, cascade: cascade ?? false },
        dependents,
      );
      removeKey(draft, key);
      return () => ({});
    });
  },
};
