import type { AuditEvent } from '../../src/contract/schemas.ts';
import type { DoorBackend, RemoteDoorClient } from '../../src/core/door.ts';
import {
  chunkStringToSign,
  deriveSigningKey,
  deriveV4aKeyPair,
  type Scope,
  signString,
  signV4aString,
  trailerStringToSign,
} from '../../src/core/sigv4/index.ts';

export const CLIENT_KEY = {
  accessKeyId: 'KHAKCLIENT0000000001',
  secretAccessKey: 'client/secret+key0000000000000000000001',
};
export const VAULTED_KEY = {
  accessKeyId: 'AKIDVAULTED000000001',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYVAULTEDKEY',
};

const scopeText = ({ date, region, service }: Scope): string => `${date}/${region}/${service}/aws4_request`;

export interface FakeBackend {
  backend: DoorBackend;
  /** What was put into the audit log, in order, with the client it was put in for. */
  records: (Parameters<DoorBackend['record']>[0] & { by: string | null; unproven?: string })[];
  /** The one client; change it at will. */
  client: RemoteDoorClient & Required<Pick<RemoteDoorClient, 'key'>>;
  state: ReturnType<DoorBackend['state']>;
  lockDetail: string | undefined;
  /** Put in the place of the signing operations, e.g. to reject with `Locked`. */
  failWith: Error | null;
  sessionToken: string | undefined;
  /** Sessions of which the upstream has said that they have ended. */
  ended: string[];
  calls: { sign: number; signChunks: number; touch: number };
}

/** A core with one account, one vaulted key and one client, in memory, with real secrets and real signatures. */
export function fakeDoorBackend(endpointUrl?: string): FakeBackend {
  const client: FakeBackend['client'] = {
    kind: 'remote',
    id: '0'.repeat(32),
    name: 'laptop',
    accessKeyId: CLIENT_KEY.accessKeyId,
    enabled: true,
    profile: { name: 'prod', region: 'eu-central-1', gated: false },
    gated: false,
    account: {
      name: 'production',
      accountId: '123456789012',
      ...(endpointUrl === undefined ? {} : { endpointUrl }),
    },
    key: {
      id: '1'.repeat(32),
      name: 'prod-key',
      status: 'active',
    },
  };
  const guard = (): void => {
    if (fake.failWith !== null) throw fake.failWith;
  };
  const keys = new Map<string, Uint8Array>();
  const derived = (secret: string, scope: Scope): Uint8Array => {
    const name = `${secret} ${scopeText(scope)}`;
    const key = keys.get(name) ?? deriveSigningKey(secret, scope);
    keys.set(name, key);
    return key;
  };
  const vaulted = (scope: Scope, text: string): string => signString(derived(VAULTED_KEY.secretAccessKey, scope), text);
  const fake: FakeBackend = {
    client,
    records: [],
    state: 'unlocked',
    lockDetail: undefined,
    failWith: null,
    sessionToken: undefined,
    ended: [],
    calls: { sign: 0, signChunks: 0, touch: 0 },
    backend: {
      state: () => fake.state,
      lockDetail: () => fake.lockDetail,
      session: () => {
        throw new Error('this core has no local account');
      },
      resolveClient: async (accessKeyId) => (accessKeyId === fake.client.accessKeyId ? { ...fake.client } : null),
      clientSigningKey: async (_client, scope) => derived(CLIENT_KEY.secretAccessKey, scope),
      isSignatureOf: async (_client, scope, text, signature) =>
        signString(derived(CLIENT_KEY.secretAccessKey, scope), text) === signature,
      async passProfile() {},
      touchAge: async () => undefined,
      onBehalfOf: (_call, work) => work(),
      async clientPublicKey() {
        return deriveV4aKeyPair(CLIENT_KEY.accessKeyId, CLIENT_KEY.secretAccessKey).publicKey;
      },
      async credentials() {
        return {
          accessKeyId: VAULTED_KEY.accessKeyId,
          secret: { id: '2'.repeat(32), version: 1 },
          session: false,
          ...(fake.sessionToken === undefined ? {} : { sessionToken: fake.sessionToken }),
        };
      },
      async sign(_client, scope, stringToSign) {
        fake.calls.sign++;
        guard();
        return vaulted(scope, stringToSign);
      },
      async signV4a(_client, stringToSign) {
        guard();
        return signV4aString(
          deriveV4aKeyPair(VAULTED_KEY.accessKeyId, VAULTED_KEY.secretAccessKey).privateKey,
          stringToSign,
        );
      },
      async signChunks(_client, input) {
        fake.calls.signChunks++;
        guard();
        const context = { timestamp: input.timestamp, scopeText: scopeText(input.scope) };
        let previous = input.previousSignature;
        const signatures = input.chunkHashes.map((hash) => {
          previous = vaulted(input.scope, chunkStringToSign(context, previous, hash));
          return previous;
        });
        return input.trailerHash === undefined
          ? { signatures }
          : {
              signatures,
              trailerSignature: vaulted(input.scope, trailerStringToSign(context, previous, input.trailerHash)),
            };
      },
      record(event: Omit<AuditEvent, 'id' | 'kind' | 'actor'>, by, unproven) {
        fake.records.push({ ...event, by: by?.name ?? null, ...(unproven === undefined ? {} : { unproven }) });
      },
      sessionEnded(_client, { accessKeyId }) {
        fake.ended.push(accessKeyId);
      },
      sessionDenied() {},
      noteDate() {},
      touch() {
        fake.calls.touch++;
      },
    },
  };
  return fake;
}
