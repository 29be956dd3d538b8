import { KeyholdError } from '../../src/contract/errors.ts';
import type { KmsKeySummary } from '../../src/contract/kms.ts';
import type { AuditEvent } from '../../src/contract/schemas.ts';

const DAY = 86_400_000;
export const FAKE_ACCOUNT = { name: 'sandbox', accountId: '123456789012' } as const;
const REGION = 'eu-central-1';

/** What a fake KMS answers besides its list of keys; by key id. */
export interface FakeKms {
  keys: KmsKeySummary[];
  policies: Map<string, string>;
  grants: Map<string, object[]>;
  materials: Map<string, object[]>;
  stores: FakeStore[];
}

interface FakeStore {
  CustomKeyStoreId: string;
  CustomKeyStoreName: string;
  CustomKeyStoreType: 'AWS_CLOUDHSM' | 'EXTERNAL_KEY_STORE';
  ConnectionState: string;
  ConnectionErrorCode?: string;
  CreationDate: number;
  CloudHsmClusterId?: string;
  XksProxyConfiguration?: Record<string, unknown>;
}

interface KeyFacts {
  alias?: string;
  more?: string[];
  spec?: string;
  usage?: string;
  days: number;
  usedMs?: number;
  operation?: string;
  state?: KmsKeySummary['state'];
  description?: string;
  origin?: KmsKeySummary['origin'];
  period?: number;
  /** Days ago, of automatic rotations and of those on demand (negative zero has none). */
  rotations?: readonly number[];
  demanded?: readonly number[];
  tags?: Record<string, string>;
  grants?: number;
  multiRegion?: 'PRIMARY' | 'REPLICA';
  deletesInDays?: number;
  expiresInDays?: number;
  manager?: 'AWS';
}

const KEYS: readonly KeyFacts[] = [
  {
    alias: 'backup',
    more: ['archive'],
    days: 1240,
    usedMs: 190_000,
    operation: 'GenerateDataKey',
    description: 'Nightly backups of the web tier. Owner: platform on-call.',
    period: 365,
    rotations: [875, 510, 145],
    demanded: [402],
    tags: { team: 'platform', tier: '1' },
    grants: 2,
  },
  { alias: 'billing/exports', days: 611, usedMs: 26 * 3_600_000, tags: { team: 'billing' } },
  {
    alias: 'release-signing',
    spec: 'ECC_NIST_P256',
    usage: 'SIGN_VERIFY',
    days: 96,
    usedMs: 3 * DAY,
    operation: 'Sign',
  },
  {
    alias: 'webhooks',
    spec: 'HMAC_256',
    usage: 'GENERATE_VERIFY_MAC',
    days: 40,
    usedMs: 12_000,
    operation: 'GenerateMac',
  },
  { alias: 'partner-inbox', spec: 'RSA_3072', days: 12, usedMs: 5 * 3_600_000, operation: 'Decrypt' },
  { alias: 'byok-2026', origin: 'EXTERNAL', days: 30, expiresInDays: 60, usedMs: DAY },
  { alias: 'hsm-escrow', origin: 'EXTERNAL', days: 2, state: 'PendingImport' },
  { alias: 'global', multiRegion: 'PRIMARY', days: 75, period: 90, usedMs: 60_000 },
  { alias: 'old-reports', days: 900, state: 'PendingDeletion', deletesInDays: 11, usedMs: 120 * DAY },
  { alias: 'legacy-app', days: 700, state: 'Disabled' },
  { days: 1, spec: 'ML_DSA_65', usage: 'SIGN_VERIFY' },
  { alias: 'aws/s3', days: 200, manager: 'AWS', usedMs: 2 * DAY },
];

export function emptyKms(): FakeKms {
  return { keys: [], policies: new Map(), grants: new Map(), materials: new Map(), stores: [] };
}

const instant = (ms: number): string => new Date(ms).toISOString();
const seconds = (ms: number): number => Math.round(ms / 1000);
const hex = (text: string, length: number): string => Buffer.from(text.repeat(8)).toString('hex').slice(0, length);

export function sampleKms(count: number, now: number): FakeKms {
  const kms = emptyKms();
  for (let index = 0; index < count; index++) {
    const facts = KEYS[index % KEYS.length];
    if (facts === undefined) continue;
    const round = Math.floor(index / KEYS.length);
    const key = sampleKey(facts, index, round, now);
    kms.keys.push(key);
    kms.policies.set(key.keyId, policy(key));
    kms.grants.set(
      key.keyId,
      Array.from({ length: key.grants }, (_, place) => grant(key, place, now)),
    );
    kms.materials.set(key.keyId, materials(key, facts, now));
  }
  if (count > 3) {
    kms.stores.push(
      {
        CustomKeyStoreId: 'cks-1234567890abcdef0',
        CustomKeyStoreName: 'vault-room',
        CustomKeyStoreType: 'AWS_CLOUDHSM',
        CloudHsmClusterId: 'cluster-1a23b4cdefg',
        ConnectionState: 'CONNECTED',
        CreationDate: seconds(now - 60 * DAY),
      },
      {
        CustomKeyStoreId: 'cks-0fedcba0987654321',
        CustomKeyStoreName: 'escrow',
        CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
        ConnectionState: 'FAILED',
        ConnectionErrorCode: 'XKS_PROXY_TIMED_OUT',
        CreationDate: seconds(now - 12 * DAY),
        XksProxyConfiguration: {
          UriEndpoint: 'https://xks.example.com',
          UriPath: '/kms/xks/v1',
          Connectivity: 'PUBLIC_ENDPOINT',
          AccessKeyId: 'ABCDEFGHIJKLMNOPQRST',
        },
      },
    );
  }
  return kms;
}

function sampleKey(facts: KeyFacts, index: number, round: number, now: number): KmsKeySummary {
  const tail = index.toString(16).padStart(12, '0');
  const keyId = facts.multiRegion === undefined ? `7c1f0a2b-4d5e-4f60-8a7b-${tail}` : `mrk-7c1f0a2b4d5e4f608a7b${tail}`;
  const suffix = round === 0 ? '' : `-${round + 1}`;
  const spec = facts.spec ?? 'SYMMETRIC_DEFAULT';
  const origin = facts.origin ?? 'AWS_KMS';
  const createdAt = now - facts.days * DAY;
  const rotatable = spec === 'SYMMETRIC_DEFAULT';
  const rotations = [...(facts.rotations ?? []), ...(facts.demanded ?? [])];
  const newest = rotations.length === 0 ? facts.days : Math.min(...rotations);
  const lastScheduled = facts.rotations?.at(-1) ?? facts.days;
  return {
    id: `5${index.toString(16).padStart(31, '0')}`,
    account: FAKE_ACCOUNT.name,
    region: REGION,
    keyId,
    arn: `arn:aws:kms:${REGION}:${FAKE_ACCOUNT.accountId}:key/${keyId}`,
    state: facts.state ?? 'Enabled',
    spec,
    usage: facts.usage ?? 'ENCRYPT_DECRYPT',
    origin,
    manager: facts.manager ?? 'CUSTOMER',
    description: facts.description ?? '',
    aliases:
      facts.alias === undefined ? [] : [facts.alias, ...(facts.more ?? [])].map((name) => `alias/${name}${suffix}`),
    tags: Object.entries(facts.tags ?? {}).map(([key, value]) => ({ key, value })),
    createdAt: instant(createdAt),
    ...(facts.deletesInDays === undefined ? {} : { deletesAt: instant(now + facts.deletesInDays * DAY) }),
    ...(facts.expiresInDays === undefined ? {} : { expiresAt: instant(now + facts.expiresInDays * DAY) }),
    ...(facts.multiRegion === undefined ? {} : { multiRegion: facts.multiRegion }),
    otherRegions: facts.multiRegion === undefined ? [] : ['us-east-1'],
    rotatable,
    ...(facts.period === undefined
      ? {}
      : { rotation: { periodInDays: facts.period, nextAt: instant(now + (facts.period - lastScheduled) * DAY) } }),
    ...(rotatable ? { materialSince: instant(now - newest * DAY) } : {}),
    materials: facts.state === 'PendingImport' ? 0 : rotations.length + 1,
    grants: facts.grants ?? 0,
    ...(facts.usedMs === undefined
      ? {}
      : { lastUse: { operation: facts.operation ?? 'Encrypt', at: instant(now - facts.usedMs) } }),
  };
}

function policy(key: KmsKeySummary): string {
  const root = `arn:aws:iam::${FAKE_ACCOUNT.accountId}:root`;
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: root },
          Action: 'kms:*',
          Resource: '*',
        },
        ...(key.aliases.includes('alias/backup')
          ? [
              {
                Sid: 'Backups only',
                Effect: 'Allow',
                Principal: { AWS: `arn:aws:iam::${FAKE_ACCOUNT.accountId}:user/keyhold/backup-runner` },
                Action: ['kms:GenerateDataKey*', 'kms:Decrypt'],
                Resource: '*',
                Condition: { StringEquals: { 'kms:EncryptionContext:job': 'nightly' } },
              },
              { Sid: 'Keep', Effect: 'Deny', Principal: '*', Action: 'kms:ScheduleKeyDeletion', Resource: '*' },
            ]
          : []),
      ],
    },
    null,
    2,
  );
}

function grant(key: KmsKeySummary, place: number, now: number): object {
  return {
    KeyId: key.arn,
    GrantId: hex(`${key.keyId}${place}`, 64),
    Name: place === 0 ? 'nightly-export' : '',
    CreationDate: seconds(now - (place + 3) * DAY),
    GranteePrincipal: `arn:aws:iam::${FAKE_ACCOUNT.accountId}:user/keyhold/${place === 0 ? 'backup-runner' : 'notebook'}`,
    ...(place === 0 ? { RetiringPrincipal: `arn:aws:iam::${FAKE_ACCOUNT.accountId}:root` } : {}),
    Operations: place === 0 ? ['Encrypt', 'Decrypt', 'GenerateDataKey'] : ['Decrypt'],
    ...(place === 0 ? { Constraints: { EncryptionContextSubset: { job: 'nightly' } } } : {}),
  };
}

function materials(key: KmsKeySummary, facts: KeyFacts, now: number): object[] {
  if (key.materials === 0) return [];
  const rotations = [
    ...(facts.rotations ?? []).map((days) => ({ days, type: 'AUTOMATIC' })),
    ...(facts.demanded ?? []).map((days) => ({ days, type: 'ON_DEMAND' })),
  ].sort((a, b) => b.days - a.days);
  const all = [undefined, ...rotations];
  return all.map((rotation, place) => ({
    KeyId: key.keyId,
    KeyMaterialId: hex(`material ${key.keyId} ${place}`, 64).split('').reverse().join(''),
    KeyMaterialState: place === all.length - 1 ? 'CURRENT' : 'NON_CURRENT',
    ...(rotation === undefined
      ? {}
      : { RotationDate: seconds(now - rotation.days * DAY), RotationType: rotation.type }),
    ...(key.origin === 'EXTERNAL' ? { ImportState: 'IMPORTED', KeyMaterialDescription: 'From the safe, 2026' } : {}),
    ...(key.expiresAt === undefined ? {} : { ValidTo: seconds(Date.parse(key.expiresAt)) }),
  }));
}

/** Uses of the first key over the last month, for its chart; oldest first. */
export function sampleUses(kms: FakeKms, now: number): AuditEvent[] {
  const key = kms.keys[0];
  if (key === undefined) return [];
  const events: AuditEvent[] = [];
  for (let day = 29; day >= 0; day--) {
    const count = 4 + ((day * 7) % 23) + (day % 7 < 2 ? 0 : 30);
    const base: Omit<AuditEvent, 'id' | 'action' | 'decision'> = {
      time: instant(now - day * DAY - 10 * 60_000),
      kind: 'request',
      actor: 'door',
      client: 'backup-runner',
      account: key.account,
      service: 'kms',
      region: key.region,
      target: key.arn,
    };
    events.push({ ...base, id: `a${day}`, action: 'GenerateDataKey', decision: 'allowed', count });
    if (day % 4 === 0) events.push({ ...base, id: `b${day}`, action: 'Decrypt', decision: 'allowed', count: 9 });
    if (day === 8 || day === 9) {
      const reason = 'the encryption context is another one';
      events.push({ ...base, id: `c${day}`, action: 'Decrypt', decision: 'denied', reason, count: 6 });
    }
  }
  return events;
}

function refuse(name: string, message: string): KeyholdError {
  return new KeyholdError('ServiceRefused', message, { name });
}

/** Key stores as the API has them: connecting goes on after its answer, and what failed has to be disconnected first. */
function callFakeStores(kms: FakeKms, operation: string, input: Record<string, unknown>): Record<string, unknown> {
  const proxy = (before: Record<string, unknown> = {}) => {
    const credential = input['XksProxyAuthenticationCredential'];
    return {
      ...before,
      UriEndpoint: input['XksProxyUriEndpoint'] ?? before['UriEndpoint'],
      UriPath: input['XksProxyUriPath'] ?? before['UriPath'],
      ...(typeof credential === 'object' && credential !== null && 'AccessKeyId' in credential
        ? { AccessKeyId: credential.AccessKeyId }
        : {}),
    };
  };
  if (operation === 'CreateCustomKeyStore') {
    const CustomKeyStoreName = String(input['CustomKeyStoreName']);
    if (kms.stores.some((one) => one.CustomKeyStoreName === CustomKeyStoreName)) {
      throw refuse(
        'CustomKeyStoreNameInUseException',
        `${CustomKeyStoreName} is the name of another custom key store.`,
      );
    }
    const external = input['CustomKeyStoreType'] === 'EXTERNAL_KEY_STORE';
    const CustomKeyStoreId = `cks-${kms.stores.length.toString(16).padStart(17, '0')}`;
    kms.stores.push({
      CustomKeyStoreId,
      CustomKeyStoreName,
      CustomKeyStoreType: external ? 'EXTERNAL_KEY_STORE' : 'AWS_CLOUDHSM',
      ConnectionState: 'DISCONNECTED',
      CreationDate: seconds(Date.now()),
      ...(external ? { XksProxyConfiguration: proxy() } : { CloudHsmClusterId: String(input['CloudHsmClusterId']) }),
    });
    return { CustomKeyStoreId };
  }
  const store = kms.stores.find((one) => one.CustomKeyStoreId === input['CustomKeyStoreId']);
  if (store === undefined) throw refuse('CustomKeyStoreNotFoundException', 'There is no such custom key store.');
  switch (operation) {
    case 'UpdateCustomKeyStore':
      if (input['NewCustomKeyStoreName'] !== undefined)
        store.CustomKeyStoreName = String(input['NewCustomKeyStoreName']);
      if (store.XksProxyConfiguration !== undefined) store.XksProxyConfiguration = proxy(store.XksProxyConfiguration);
      break;
    case 'ConnectCustomKeyStore':
      if (store.ConnectionState === 'FAILED') {
        throw refuse('CustomKeyStoreInvalidStateException', 'The custom key store is FAILED. Disconnect it first.');
      }
      store.ConnectionState = 'CONNECTING';
      setTimeout(() => {
        store.ConnectionState = 'CONNECTED';
      }, 300);
      break;
    case 'DisconnectCustomKeyStore':
      store.ConnectionState = 'DISCONNECTED';
      delete store.ConnectionErrorCode;
      break;
    default:
      kms.stores.splice(kms.stores.indexOf(store), 1);
  }
  return {};
}

/** Answers what the screens ask of the KMS: reads from the samples, changes of single keys; encryption is a base64 envelope and no secret. */
export function callFakeKms(kms: FakeKms, operation: string, input: Record<string, unknown>): Record<string, unknown> {
  const named = typeof input['KeyId'] === 'string' ? input['KeyId'] : '';
  const found = kms.keys.find((one) => one.keyId === named || one.arn === named);
  const key = (): KmsKeySummary => {
    if (found !== undefined) return found;
    throw refuse('NotFoundException', `Key '${named}' does not exist`);
  };
  switch (operation) {
    case 'GetKeyPolicy':
      return { Policy: kms.policies.get(key().keyId) ?? '{}' };
    case 'PutKeyPolicy': {
      const text = String(input['Policy']);
      if (text.includes('"Principals"')) {
        const line = text.slice(0, text.indexOf('"Principals"')).split('\n').length;
        throw refuse('MalformedPolicyDocumentException', `Line ${line}, column 7: unknown element "Principals".`);
      }
      kms.policies.set(key().keyId, text);
      return {};
    }
    case 'ListGrants':
      return { Grants: kms.grants.get(key().keyId) ?? [], Truncated: false };
    case 'ListKeyRotations':
      return { Rotations: kms.materials.get(key().keyId) ?? [], Truncated: false };
    case 'DescribeCustomKeyStores':
      return { CustomKeyStores: kms.stores, Truncated: false };
    case 'CreateCustomKeyStore':
    case 'UpdateCustomKeyStore':
    case 'ConnectCustomKeyStore':
    case 'DisconnectCustomKeyStore':
    case 'DeleteCustomKeyStore':
      return callFakeStores(kms, operation, input);
    case 'GetPublicKey':
      return { KeyId: key().arn, PublicKey: Buffer.alloc(91, 7).toString('base64') };
    case 'EnableKey':
    case 'DisableKey':
      key().state = operation === 'EnableKey' ? 'Enabled' : 'Disabled';
      return {};
    case 'GetParametersForImport':
      return {
        KeyId: key().arn,
        ImportToken: Buffer.alloc(300, 1).toString('base64'),
        PublicKey: Buffer.alloc(550, 2).toString('base64'),
        ParametersValidTo: seconds(Date.now() + DAY),
      };
    case 'Encrypt': {
      const { Plaintext, EncryptionContext } = input;
      const blob = JSON.stringify({ arn: key().arn, Plaintext, EncryptionContext });
      return { KeyId: key().arn, CiphertextBlob: Buffer.from(blob).toString('base64') };
    }
    case 'Decrypt': {
      const blob = JSON.parse(Buffer.from(String(input['CiphertextBlob']), 'base64').toString()) as Record<
        string,
        unknown
      >;
      if (JSON.stringify(blob['EncryptionContext']) !== JSON.stringify(input['EncryptionContext'])) {
        throw refuse('InvalidCiphertextException', 'The kms service answered InvalidCiphertextException.');
      }
      return { KeyId: blob['arn'], Plaintext: blob['Plaintext'] };
    }
    default:
      throw refuse('UnsupportedOperationException', `The fake KMS has no ${operation}.`);
  }
}
