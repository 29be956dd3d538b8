import { KeyholdError } from '../../contract/errors.ts';
import type { IssuedClientKey } from '../../contract/schemas.ts';
import { newClientKeyId } from '../client-key-id.ts';
import type { Core } from '../core.ts';
import { type Draft, hexId } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import type { Found, Thing } from '../things.ts';
import { viewClient } from '../views.ts';

interface NewClient {
  name: string;
  purpose: Thing<'client'>['purpose'];
  profile: Found<'profile'>;
  /** Of a client of a local account that is not its root. */
  policy?: string;
  /** Where it has a policy. */
  userName?: string;
  expiresInSeconds: number | undefined;
  /** base64, 32 bytes */
  replyKey: string;
}

/**
 * Drafts a client and its key. The secret is sealed to the caller as it is made and never again, except that of a `credential-process`, which every run of the
 * tool asks for anew. Answers what to hand out once the draft has been committed.
 */
export async function makeClientKey(
  core: Core,
  session: Session,
  draft: Draft,
  input: NewClient,
): Promise<() => IssuedClientKey> {
  // Before anything is made: without a door the key would be of no use.
  doorOf(core);
  const createdAt = core.ports.clock.now();
  const expiresAt = input.expiresInSeconds === undefined ? undefined : createdAt + input.expiresInSeconds * 1000;
  const accessKeyId = newClientKeyId(core.ports.random);
  const secret = await session.hsm.call('generateObject', {
    id: hexId(core.ports),
    attributes: {
      class: 'secret-key',
      spec: 'CLIENT_SECRET_KEY',
      usage: ['sigv4'],
      extractable: input.purpose === 'credential-process',
      label: accessKeyId,
      createdAt,
      policy: expiresAt === undefined ? {} : { notAfter: expiresAt },
    },
    revealTo: replyKeyBytes(input.replyKey),
  });
  if (secret.revealed === undefined) {
    throw new KeyholdError('Internal', 'The HSM process did not hand out the new client key. Restart Keyhold.');
  }
  const id = hexId(core.ports);
  const value: Thing<'client'> = omitUndefined({
    name: input.name,
    purpose: input.purpose,
    profile: input.profile.id,
    policy: input.policy,
    userName: input.userName,
    accessKeyId,
    secret: { id: secret.attributes.id },
    enabled: true,
    createdAt,
    expiresAt,
    requests: 0,
  });
  draft.putObject(secret.attributes.id, 1, secret.blob);
  draft.put('client', id, value);
  draft.record(input.purpose === 'tool' ? 'client.add' : 'client.issue', input.name, {
    client: input.name,
    clientKeyId: accessKeyId,
    profile: input.profile.value.name,
    ...(input.purpose === 'tool' ? {} : { reason: `for ${input.purpose}` }),
  });
  const secretAccessKey = secret.revealed;
  return () => issuedClientKey(core, session, { id, value }, secretAccessKey);
}

/** What a tool needs to know, with the secret sealed to it. */
export function issuedClientKey(
  core: Core,
  session: Session,
  client: Found<'client'>,
  secretAccessKey: IssuedClientKey['secretAccessKey'],
): IssuedClientKey {
  const profile = session.things.must('profile', client.value.profile);
  return {
    client: viewClient(session.things, session.freshClient(client), core.ports.clock.now()),
    accessKeyId: client.value.accessKeyId,
    secretAccessKey,
    ...doorOf(core),
    region: profile.region,
    ...(profile.output === undefined ? {} : { output: profile.output }),
  };
}

function doorOf(core: Core): { endpoint: string; caBundle?: string } {
  const door = core.shell.door();
  if (door.httpsEndpoint !== null && door.caBundle !== undefined) {
    return { endpoint: door.httpsEndpoint, caBundle: door.caBundle };
  }
  if (door.endpoint !== null) return { endpoint: door.endpoint };
  throw new KeyholdError('PortInUse', door.error ?? 'The front door is not open. Restart Keyhold.');
}

export function replyKeyBytes(replyKey: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(replyKey, 'base64'));
  if (bytes.length !== 32) throw new KeyholdError('InvalidInput', 'replyKey: an X25519 public key has 32 bytes.');
  return bytes;
}
