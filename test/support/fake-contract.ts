import { createReplyKey } from '../../src/client/seal.ts';
import type { Credential } from '../../src/contract/credentials.ts';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { DaemonEvent } from '../../src/contract/events.ts';
import type { HsmStatus } from '../../src/contract/hsm.ts';
import type { HsmUsers } from '../../src/contract/hsm-users.ts';
import type { KmsKeySummary } from '../../src/contract/kms.ts';
import type { MethodName, Result } from '../../src/contract/methods.ts';
import type { AccessKey, Account, AuditEvent, Client, Profile, Settings, Status } from '../../src/contract/schemas.ts';
import type { Token } from '../../src/contract/tokens.ts';
import type { Contract } from '../../src/daemon/control-socket.ts';
import { emptyAws, type FakeAws, fakeAwsHandlers, roleProfiles, sampleAws } from './fake-aws.ts';
import { fakeCertificateHandlers } from './fake-certificates.ts';
import { fakeCredentialHandlers, sampleCredentials } from './fake-credentials.ts';
import { type FakeKeyCare, fakeKeyCare, fakeKeyCareHandlers, withDue } from './fake-key-care.ts';
import { callFakeKms, emptyKms, FAKE_ACCOUNT, type FakeKms, sampleKms, sampleUses } from './fake-kms.ts';
import { fakeLeaveHandlers } from './fake-leave.ts';
import { emptyMfa, type FakeMfa, fakeMfaHandlers, sampleMfa } from './fake-mfa.ts';
import { type FakePanic, fakePanicHandlers } from './fake-panic.ts';
import { type FakeSignIns, fakeSignInHandlers, sampleSignIns } from './fake-sign-ins.ts';
import { fakeTokenHandlers, sampleTokens } from './fake-tokens.ts';
import { fakeCodes, fakeDevices } from './fake-totp.ts';

const DAY = 86_400_000;

/** What a fake vault holds. It stands in for the daemon where a picture needs ages, errors or ten thousand rows. */
export interface FakeVault {
  state: Status['state'];
  accounts: Account[];
  keys: AccessKey[];
  credentials: Credential[];
  profiles: Profile[];
  clients: Client[];
  /** Of the local account, the same as in `kms`. */
  kmsKeys: KmsKeySummary[];
  kms: FakeKms;
  aws: FakeAws;
  care: FakeKeyCare;
  signIns: FakeSignIns;
  panic: FakePanic;
  hsm: HsmStatus;
  hsmUsers: HsmUsers;
  tokens: Token[];
  mfa: FakeMfa;
  /** Oldest first. */
  events: AuditEvent[];
  /** Methods that fail, with what. */
  failing: Map<string, KeyholdError>;
  settings: Settings;
  status: Partial<Status>;
}

export interface FakeContract extends Contract {
  vault: FakeVault;
  emit(event: DaemonEvent): void;
}

const id = (kind: number, index: number): string => `${kind}${index.toString(16).padStart(31, '0')}`;
const ago = (now: number, ms: number): string => new Date(now - ms).toISOString();

export function emptyVault(): FakeVault {
  return {
    state: 'unlocked',
    accounts: [],
    keys: [],
    credentials: [],
    profiles: [],
    clients: [],
    kmsKeys: [],
    kms: emptyKms(),
    aws: emptyAws(),
    care: fakeKeyCare(0, Date.now()),
    signIns: sampleSignIns(0, Date.now()),
    panic: { report: null },
    hsm: fakeHsm(0, Date.now()),
    hsmUsers: fakeUsers(0, Date.now()),
    tokens: [],
    mfa: emptyMfa(),
    events: [],
    failing: new Map(),
    settings: {
      autoLockMinutes: 30,
      port: 4587,
      https: false,
      backupHours: 24,
      backupFolder: '/home/maria/.local/share/keyhold/backups',
      backupKeep: 7,
      backupKeepWeekly: 4,
      leaveProcess: true,
      leaveContainer: true,
      leaveConsole: true,
      theme: 'system',
    },
    status: {},
  };
}

interface KeyFacts {
  name: string;
  account: string;
  id: string;
  days: number;
  usedMs?: number;
  service?: string;
  disabled?: boolean;
  tags?: Record<string, string>;
  note?: string;
}

const KEYS: readonly KeyFacts[] = [
  {
    name: 'deploy-bot',
    account: 'prod',
    id: 'AKIAZQ4MXW3BN7KT7Q2X',
    days: 12,
    usedMs: 180_000,
    service: 's3',
    tags: { team: 'platform', tier: '1' },
    note: 'Deploys the web tier. Owner: platform on-call.',
  },
  { name: 'breakglass', account: 'prod', id: 'AKIAZQ4MXW3BJ2LR9V4C', days: 211, usedMs: 97 * DAY, service: 'iam' },
  { name: 'ci', account: 'stage', id: 'AKIAT5HBN2QWZK8M3D6F', days: 40, usedMs: 9_000, service: 'dynamodb' },
  {
    name: 'data-export',
    account: 'analytics',
    id: 'AKIA4RYPLM6XC9T2WJ5H',
    days: 133,
    usedMs: 26 * 3_600_000,
    service: 's3',
  },
  { name: 'terraform', account: 'stage', id: 'AKIAT5HBN2QWX4P7RS9L', days: 3, usedMs: 41 * 60_000, service: 'ec2' },
  {
    name: 'dns',
    account: 'shared-services',
    id: 'AKIA7VKD3NQWB8F2ZG4M',
    days: 67,
    usedMs: 5 * DAY,
    service: 'route53',
  },
  { name: 'minio-lab', account: 'lab', id: 'AKIAQLABLABLABLAB2M3', days: 1 },
  { name: 'old-jenkins', account: 'stage', id: 'AKIAT5HBN2QWC3N8VK2P', days: 402, disabled: true },
];

const ACCOUNTS: ReadonlyArray<{ name: string; accountId: string; endpointUrl?: string; maxAgeDays?: number }> = [
  { name: 'prod', accountId: '481520937264', maxAgeDays: 90 },
  { name: 'stage', accountId: '730918264455' },
  { name: 'analytics', accountId: '118273645509', maxAgeDays: 90 },
  { name: 'shared-services', accountId: '902847561130' },
  { name: 'lab', accountId: '000000000000', endpointUrl: 'https://minio.lab.example:9000' },
];

const CLIENTS: ReadonlyArray<{
  name: string;
  profile: string;
  usedMs?: number;
  requests: number;
  expiresMs?: number;
  purpose?: Client['purpose'];
  enabled?: boolean;
}> = [
  { name: 'terraform', profile: 'stage', usedMs: 9_000, requests: 18_204, expiresMs: 21 * DAY },
  { name: 'deploy.yml', profile: 'prod', usedMs: 180_000, requests: 1_391, expiresMs: 80 * DAY },
  {
    name: 'exec aws s3 sync',
    profile: 'prod',
    usedMs: 240_000,
    requests: 412,
    expiresMs: 11 * 3_600_000,
    purpose: 'exec',
  },
  { name: 'coding-agent', profile: 'stage-read', usedMs: 1_260_000, requests: 77, expiresMs: 6 * 3_600_000 },
  { name: 'notebook', profile: 'analytics', usedMs: 26 * 3_600_000, requests: 5_120 },
  { name: 'old-ci', profile: 'stage', usedMs: 60 * DAY, requests: 90_210, expiresMs: -2 * DAY },
];

const PROFILES: ReadonlyArray<{ name: string; account: string; key: string; region: string }> = [
  { name: 'prod', account: 'prod', key: 'deploy-bot', region: 'eu-central-1' },
  { name: 'prod-breakglass', account: 'prod', key: 'breakglass', region: 'eu-central-1' },
  { name: 'stage', account: 'stage', key: 'terraform', region: 'eu-central-1' },
  { name: 'stage-read', account: 'stage', key: 'ci', region: 'eu-west-1' },
  { name: 'analytics', account: 'analytics', key: 'data-export', region: 'us-east-1' },
  { name: 'dns', account: 'shared-services', key: 'dns', region: 'us-east-1' },
  { name: 'lab', account: 'lab', key: 'minio-lab', region: 'us-east-1' },
];

type Call = [
  client: string,
  profile: string,
  service: string,
  action: string,
  status: number,
  ms: number,
  reason?: string,
];
const CALLS: readonly Call[] = [
  ['terraform', 'stage', 'dynamodb', 'GetItem', 200, 14.2],
  ['terraform', 'stage', 's3', 'GetObject', 200, 31],
  ['coding-agent', 'stage-read', 'iam', 'CreateAccessKey', 403, 0.4, 'The client key of “coding-agent” is disabled.'],
  ['deploy.yml', 'prod', 's3', 'PutObject', 200, 184],
  ['deploy.yml', 'prod', 's3', 'ListBuckets', 200, 42],
  ['deploy.yml', 'prod', 'sts', 'GetCallerIdentity', 200, 12.1],
  ['terraform', 'stage', 'ec2', 'DescribeInstances', 200, 223],
  ['terraform', 'stage', 'iam', 'GetRole', 404, 96],
  ['exec aws s3 sync', 'prod', 's3', 'ListObjectsV2', 200, 58],
  ['exec aws s3 sync', 'prod', 's3', 'PutObject', 200, 131],
  ['old-ci', 'stage', 'sts', 'GetCallerIdentity', 403, 0.3, 'The client key of “old-ci” expired 2 days ago.'],
  ['notebook', 'analytics', 's3', 'GetObject', 206, 77],
  ['terraform', 'stage', 'lambda', 'Invoke', 200, 1640],
  ['deploy.yml', 'prod', 'cloudformation', 'DescribeStacks', 200, 88],
];

function requestEvent(index: number, call: Call, time: string): AuditEvent {
  const [client, profile, service, action, status, latencyMs, reason] = call;
  const denied = reason !== undefined;
  return {
    id: id(9, index),
    time,
    kind: 'request',
    action: `${service}:${action}`,
    decision: denied ? 'denied' : 'allowed',
    ...(denied
      ? { reason }
      : { status, upstream: `${service}.eu-central-1.amazonaws.com`, requestId: `7XK2${index}R9QF3M` }),
    actor: 'door',
    client,
    profile,
    account: PROFILES.find((one) => one.name === profile)?.account ?? 'prod',
    service,
    region: 'eu-central-1',
    method: 'POST',
    answered: status,
    latencyMs,
  };
}

/** A vault as people have it: `rows` of each kind at most; more than there are samples repeats them under new names. */
export function sampleVault(rows: number, now = Date.now()): FakeVault {
  const vault = emptyVault();
  vault.care = fakeKeyCare(rows, now);
  vault.signIns = sampleSignIns(rows, now);
  const at = <T>(samples: readonly T[], index: number): { sample: T; suffix: string } | undefined => {
    const sample = samples[index % samples.length];
    const round = Math.floor(index / samples.length);
    return sample === undefined ? undefined : { sample, suffix: round === 0 ? '' : `-${round + 1}` };
  };
  const count = (samples: readonly unknown[]): number => (rows > 100 ? rows : Math.min(rows, samples.length));
  for (let index = 0; index < Math.min(rows, ACCOUNTS.length); index++) {
    const found = at(ACCOUNTS, index);
    if (found === undefined) continue;
    vault.accounts.push({ id: id(1, index), kind: 'remote', createdAt: ago(now, 300 * DAY), ...found.sample });
  }
  for (let index = 0; index < count(KEYS); index++) {
    const found = at(KEYS, index);
    if (found === undefined) continue;
    const { sample, suffix } = found;
    vault.keys.push({
      id: id(2, index),
      name: `${sample.name}${suffix}`,
      account: sample.account,
      accessKeyId: suffix === '' ? sample.id : `${sample.id.slice(0, 12)}${String(index).padStart(8, '0')}`,
      status: sample.disabled === true ? 'disabled' : 'active',
      createdAt: ago(now, sample.days * DAY),
      ...(sample.usedMs === undefined
        ? {}
        : {
            lastUsedAt: ago(now, sample.usedMs),
            lastUsedService: sample.service ?? 's3',
            lastUsedRegion: 'eu-central-1',
          }),
      hasSessionToken: false,
      tags: sample.tags ?? {},
      note: sample.note ?? '',
      profiles: suffix === '' ? PROFILES.filter((one) => one.key === sample.name).map((one) => one.name) : [],
    });
  }
  for (let index = 0; index < Math.min(rows, PROFILES.length); index++) {
    const found = at(PROFILES, index);
    if (found === undefined) continue;
    const account = ACCOUNTS.find((one) => one.name === found.sample.account);
    const key = KEYS.find((one) => one.name === found.sample.key);
    vault.profiles.push({
      id: id(3, index),
      ...found.sample,
      accountId: account?.accountId ?? '000000000000',
      accessKeyId: key?.id ?? 'AKIAIOSFODNN7EXAMPLE',
      output: 'json',
      createdAt: ago(now, 100 * DAY),
      clients: CLIENTS.filter((one) => one.profile === found.sample.name).length,
    });
  }
  for (let index = 0; index < count(CLIENTS); index++) {
    const found = at(CLIENTS, index);
    if (found === undefined) continue;
    const { sample, suffix } = found;
    vault.clients.push({
      id: id(4, index),
      name: `${sample.name}${suffix}`,
      purpose: sample.purpose ?? 'tool',
      profile: sample.profile,
      account: PROFILES.find((one) => one.name === sample.profile)?.account ?? 'production',
      principal: 'key',
      accessKeyId: `KHLD${String(index).padStart(16, 'Q7W2M4X9')}`.slice(0, 20),
      enabled: sample.enabled ?? true,
      expired: (sample.expiresMs ?? 1) < 0,
      createdAt: ago(now, 30 * DAY),
      ...(sample.expiresMs === undefined ? {} : { expiresAt: ago(now, -sample.expiresMs) }),
      ...(sample.usedMs === undefined ? {} : { lastUsedAt: ago(now, sample.usedMs) }),
      requests: sample.requests,
    });
  }
  vault.keys = vault.keys.map((key) => withDue(key, vault.accounts));
  addLocalAccount(vault, rows, now);
  if (rows > 3) {
    vault.profiles.push(...roleProfiles(now));
    vault.aws = sampleAws(vault.profiles, now);
    vault.credentials = sampleCredentials(now);
  }
  const events = rows > 100 ? rows : Math.min(rows * 6, 60);
  for (let index = events - 1; index >= 0; index--) {
    const call = CALLS[index % CALLS.length];
    const time = ago(now, 9_000 + index * 14_000);
    if (call === undefined) continue;
    if (index % 17 === 16) {
      vault.events.push({
        id: id(9, index),
        time,
        kind: 'change',
        action: 'key.import',
        decision: 'allowed',
        actor: 'cli',
        target: 'deploy-bot',
      });
    } else vault.events.push(requestEvent(index, call, time));
  }
  return vault;
}

/** A local account with a profile, two clients and a KMS: half as many keys as there are rows elsewhere, where those are many. */
function addLocalAccount(vault: FakeVault, rows: number, now: number): void {
  const { name, accountId } = FAKE_ACCOUNT;
  vault.accounts.push({ id: id(1, 99), kind: 'local', name, accountId, createdAt: ago(now, 90 * DAY) });
  vault.profiles.push({
    id: id(3, 99),
    name,
    account: name,
    accountId,
    region: 'eu-central-1',
    createdAt: ago(now, 90 * DAY),
    clients: 1,
  });
  vault.clients.push({
    id: id(4, 99_999),
    name: 'backup-runner',
    purpose: 'tool',
    profile: name,
    account: name,
    principal: 'policy',
    accessKeyId: 'KHLDB4CKUPRUNNER0001',
    enabled: true,
    expired: false,
    createdAt: ago(now, 60 * DAY),
    lastUsedAt: ago(now, 600_000),
    requests: 1_204,
  });
  vault.kms = sampleKms(rows > 100 ? rows / 2 : Math.min(rows * 2, 12), now);
  vault.kmsKeys = vault.kms.keys;
  vault.hsm = fakeHsm(rows, now);
  if (rows > 3) vault.tokens = sampleTokens(ago(now, 70 * DAY));
  vault.hsmUsers = fakeUsers(rows, now);
  vault.mfa = sampleMfa(rows, now);
  vault.events.push(...sampleUses(vault.kms, now));
}

/** No users, or two officers of whom one has approved something, and somebody who lets keys be used. */
function fakeUsers(rows: number, now: number): HsmUsers {
  if (rows === 0) {
    return {
      users: [],
      quorum: { key: 0, user: 0 },
      touch: { key: null, user: null },
      keyUseNeedsLogin: false,
      tokens: [],
      released: 0,
      recoveryCodes: 1,
      who: null,
    };
  }
  const createdAt = ago(now, 30 * DAY);
  return {
    users: [
      {
        name: 'ada',
        role: 'crypto-officer',
        createdAt,
        signing: { key: 'held', fingerprint: 'a1'.repeat(32) },
        sessions: 1,
      },
      {
        name: 'grace',
        role: 'crypto-officer',
        createdAt,
        signing: { key: 'own', fingerprint: '5e'.repeat(32) },
        sessions: 0,
      },
      { name: 'night-shift', role: 'crypto-user', createdAt, signing: null, sessions: 0 },
    ],
    quorum: { key: 2, user: 0 },
    touch: { key: { withinSeconds: 0, keys: 'any' }, user: null },
    keyUseNeedsLogin: false,
    tokens: [
      {
        id: 'c0'.repeat(16),
        service: 'key',
        action: 'destroy',
        description:
          'destroy arn:aws:kms:eu-central-1:123456789012:key/1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9 (1 object)',
        createdBy: 'ada',
        createdAt: ago(now, 600_000),
        expiresAt: new Date(now + DAY).toISOString(),
        required: 2,
        approvals: [{ user: 'grace', at: ago(now, 300_000) }],
        unsigned: '',
      },
    ],
    released: 0,
    recoveryCodes: 1,
    who: { name: 'ada', role: 'crypto-officer' },
  };
}

/** An HSM with nothing, or with a mirror in step, one that is away, and backups. */
function fakeHsm(rows: number, now: number): HsmStatus {
  const home = '/home/ada/.local/share/keyhold';
  const generation = 1041 + rows;
  const primary: HsmStatus['copies'][number] = {
    path: `${home}/vault.keyhold`,
    role: 'primary',
    state: 'in-step',
    reason: null,
    generation,
    lastSeen: ago(now, 2_000),
    verifiedAt: ago(now, 40 * 60_000),
    retryAt: null,
    apart: false,
  };
  const backups = [2, 26, 50, 74, 170, 340].map((hours, index) => ({
    path: `${home}/backups/vault-2026-11-${String(23 - index).padStart(2, '0')}.keyhold`,
    createdAt: ago(now, hours * 3_600_000),
    generation: generation - index * 37,
    sizeBytes: 1_482_752 - index * 8_192,
  }));
  return {
    process: { state: 'unlocked', pid: 4243 },
    objects: {
      total: rows === 0 ? 0 : rows * 3,
      byKind:
        rows === 0
          ? []
          : [
              { class: 'secret-key', spec: 'AES_256', count: rows },
              { class: 'secret-key', spec: 'AWS_SECRET', count: rows },
              { class: 'private-key', spec: 'EC_P256', count: Math.ceil(rows / 2) },
              { class: 'private-key', spec: 'RSA_3072', count: Math.ceil(rows / 3) },
            ],
    },
    copies:
      rows === 0
        ? [primary]
        : [
            primary,
            { ...primary, path: '/media/stick/keyhold/vault.keyhold', role: 'mirror', apart: true },
            {
              ...primary,
              path: '/mnt/nas/keyhold/vault.keyhold',
              role: 'mirror',
              state: 'out-of-reach',
              reason: 'its disk is not there',
              generation: generation - 12,
              lastSeen: ago(now, 3 * 3_600_000),
              verifiedAt: null,
              retryAt: ago(now, -40_000),
              apart: true,
            },
          ],
    rebuilt: null,
    backups: {
      folder: `${home}/backups`,
      everyHours: 24,
      keep: 7,
      keepWeekly: 4,
      list: rows === 0 ? [] : backups,
      nextAt: ago(now, -22 * 3_600_000),
      failure: null,
    },
  };
}

/** The contract over a fake vault: reads work, changes of settings and of single records work, nothing is encrypted. */
export async function createFakeContract(vault: FakeVault): Promise<FakeContract> {
  const listeners = new Set<(event: DaemonEvent) => void>();
  const sealKey = await createReplyKey();
  const startedAt = new Date().toISOString();
  const certificates = fakeCertificateHandlers(Date.now(), vault.accounts.length > 0);
  const status = (): Status => ({
    state: vault.state,
    ...(vault.state === 'locked' ? { lockReason: 'idle' as const } : {}),
    version: '0.1.0',
    home: '/home/ada/.local/share/keyhold',
    pid: 4242,
    endpoint: 'http://127.0.0.1:4587',
    httpsEndpoint: null,
    ui: null,
    startedAt,
    ...(vault.state === 'unlocked' ? { unlockedAt: startedAt, locksAt: ago(Date.now(), -28 * 60_000) } : {}),
    shell: 'serve',
    ...vault.status,
  });
  const emit = (event: DaemonEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const handlers: Partial<Record<MethodName, (params: Record<string, unknown>) => unknown>> = {
    'status.get': status,
    'hsm.sealKey': () => ({ sealKeyId: 'fake', publicKey: sealKey.publicKey }),
    'vault.unlock': () => {
      throw new KeyholdError('WrongSecret', 'This does not open the vault.');
    },
    'vault.lock': () => {
      vault.state = 'locked';
      emit({ type: 'status', status: status() });
      return status();
    },
    'account.list': () => ({ accounts: vault.accounts }),
    'key.list': () => ({ keys: vault.keys }),
    'profile.list': () => ({ profiles: vault.profiles }),
    'client.list': () => ({ clients: vault.clients }),
    'kms.keys': () => ({ keys: vault.kmsKeys }),
    'service.call': ({ operation, input }) => ({
      output: callFakeKms(
        vault.kms,
        String(operation),
        typeof input === 'object' && input !== null ? { ...input } : {},
      ),
    }),
    'file.begin': ({ keys }) => ({ id: '0'.repeat(32), keys: Array.isArray(keys) ? keys : [] }),
    'file.cancel': () => ({}),
    'hsm.status': () => vault.hsm,
    'hsm.users': () => vault.hsmUsers,
    'totp.list': () => ({ devices: fakeDevices(vault.keys.length, Date.now()) }),
    'totp.codes': () => {
      const now = Date.now();
      const codes = fakeCodes(fakeDevices(vault.keys.length, now), now);
      return { codes, now: new Date(now).toISOString(), drift: null };
    },
    ...fakeTokenHandlers(vault),
    ...fakeCredentialHandlers(vault),
    ...fakeMfaHandlers(vault.mfa),
    ...fakeAwsHandlers(vault.aws, vault.profiles),
    ...fakeKeyCareHandlers(vault),
    ...fakeLeaveHandlers(vault.profiles),
    ...certificates,
    ...fakePanicHandlers(vault, () => emit({ type: 'changed', what: ['panic', 'keys'] })),
    ...fakeSignInHandlers(vault.signIns, () => emit({ type: 'changed', what: ['signIns'] })),
    'settings.get': () => vault.settings,
    'settings.update': (params) => {
      Object.assign(vault.settings, params);
      return vault.settings;
    },
    'key.update': (params) => {
      const key = vault.keys.find((one) => one.name === params['name']);
      if (key === undefined) throw new KeyholdError('NotFound', 'There is no such access key.');
      if (params['status'] === 'active' || params['status'] === 'disabled') key.status = params['status'];
      return key;
    },
    'audit.verify': () => ({ ok: true, entries: vault.events.length, firstBroken: null, message: 'The log is whole.' }),
    'audit.list': (params) => listFakeAudit(vault, params),
  };
  return {
    vault,
    emit,
    async call(method, params) {
      const failure = vault.failing.get(method);
      if (failure !== undefined) throw failure;
      const handler = Object.entries(handlers).find(([name]) => name === method)?.[1];
      if (handler === undefined) throw new KeyholdError('Unsupported', `The fake contract has no ${method}.`);
      return handler(typeof params === 'object' && params !== null ? { ...params } : {});
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Rows that the core looks at in one call. */
const SCAN_AT_MOST = 20 * 256;

/** As the core does it: `total` is the length of the log whatever the filter, and a call looks at a bounded part of it. */
export function listFakeAudit(vault: FakeVault, params: Record<string, unknown>): Result<'audit.list'> {
  const limit = typeof params['limit'] === 'number' ? params['limit'] : 100;
  const total = vault.events.length;
  const wanted = (['decision', 'kind', 'client', 'profile', 'account', 'service'] as const).filter(
    (name) => params[name] !== undefined,
  );
  const text = String(params['text'] ?? '').toLowerCase();
  const since = String(params['since'] ?? '');
  const matches = (event: AuditEvent) =>
    wanted.every((name) => event[name] === params[name]) &&
    event.time >= since &&
    (text === '' || JSON.stringify(event).toLowerCase().includes(text));
  const entries: Result<'audit.list'>['entries'] = [];
  let before = Math.min(typeof params['before'] === 'number' ? params['before'] : total + 1, total + 1);
  const floor = before - SCAN_AT_MOST;
  while (before > 1 && before > floor && entries.length < limit) {
    before -= 1;
    const event = vault.events[before - 1];
    if (event === undefined || !matches(event)) continue;
    entries.push({ seq: before, event, hash: id(7, before).repeat(2), mac: id(8, before) });
  }
  return { entries, total, nextBefore: before > 1 ? before : null };
}
