import { KeyholdError } from '../../src/contract/errors.ts';
import { Origin } from '../../src/contract/origins.ts';
import { DEFAULT_SECONDS, MOST_SECONDS, type TimedKind } from '../../src/contract/roles.ts';
import type { Rotation, RotationPlan } from '../../src/contract/rotation.ts';
import type { Profile } from '../../src/contract/schemas.ts';
import type { AwsSession } from '../../src/contract/sessions.ts';

/** Profiles with roles, their sessions, and rotations: what a fake vault holds of AWS's temporary and changing side. */
export interface FakeAws {
  sessions: AwsSession[];
  rotations: Rotation[];
  /** What `rotation.plan` says. */
  plan: Partial<RotationPlan>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SERIAL = 'arn:aws:iam::123456789012:mfa/root-account-mfa-device';
const OLD_PROD = 'AKIAZQ4MXW3BJ2LR9V4C';

export function emptyAws(): FakeAws {
  return { sessions: [], rotations: [], plan: {} };
}

const profileId = (index: number): string => `3a${index.toString(16).padStart(30, '0')}`;
const rotationId = (index: number): string => `13${index.toString(16).padStart(30, '0')}`;

/** A session behind MFA, a role with its key, a role that the first session assumes, and one that a role assumes. */
export function roleProfiles(now: number): Profile[] {
  const made = { output: 'json' as const, createdAt: new Date(now - 20 * DAY).toISOString(), clients: 0 };
  const limits = (kind: TimedKind, seconds: number = DEFAULT_SECONDS[kind]) => ({
    session: { kind, seconds, mostSeconds: MOST_SECONDS[kind] },
  });
  const prod = { account: 'prod', accountId: '481520937264' };
  const stage = { account: 'stage', accountId: '730918264455' };
  const analytics = { account: 'analytics', accountId: '118273645509' };
  return [
    {
      id: profileId(0),
      name: 'hub',
      ...prod,
      key: 'deploy-bot',
      accessKeyId: 'AKIAZQ4MXW3BN7KT7Q2X',
      mfaSerial: SERIAL,
      region: 'eu-central-1',
      ...limits('session-token'),
      ...made,
    },
    {
      id: profileId(1),
      name: 'stage-admin',
      ...stage,
      source: 'hub',
      chain: ['hub'],
      role: {
        arn: 'arn:aws:iam::730918264455:role/teams/platform/admin',
        externalId: 'platform-4471',
        sessionName: '{profile}-{client}',
        durationSeconds: 14_400,
      },
      region: 'eu-central-1',
      ...limits('role', 14_400),
      ...made,
      clients: 2,
    },
    {
      id: profileId(2),
      name: 'reports-reader',
      ...analytics,
      source: 'stage-admin',
      chain: ['stage-admin', 'hub'],
      role: {
        arn: 'arn:aws:iam::118273645509:role/reports-read-only',
        policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}',
        tags: { project: 'reports', cost: '7719' },
        transitiveTagKeys: ['project'],
      },
      region: 'us-east-1',
      ...limits('chained-role'),
      ...made,
    },
    {
      id: profileId(3),
      name: 'ci-deploy',
      ...stage,
      key: 'ci',
      accessKeyId: 'AKIAT5HBN2QWZK8M3D6F',
      role: { arn: 'arn:aws:iam::730918264455:role/deploy' },
      region: 'eu-west-1',
      ...limits('role'),
      ...made,
    },
  ];
}

function sessionsOf(profiles: readonly Profile[], now: number): AwsSession[] {
  const at = (ms: number): string => new Date(now + ms).toISOString();
  return profiles.flatMap((profile, index): AwsSession[] => {
    if (profile.session === undefined) return [];
    const base = {
      id: profile.id,
      profile: profile.name,
      account: profile.account,
      ...profile.session,
      chain: profile.chain ?? [],
      refreshing: false,
      ...(profile.role === undefined ? {} : { roleArn: profile.role.arn }),
    };
    const role = profile.role?.arn.split('/').at(-1) ?? '';
    const arn = `arn:aws:sts::${profile.accountId}:assumed-role/${role}/keyhold-${profile.name}`;
    const live = (left: number, lasts: number) => ({
      state: 'active' as const,
      accessKeyId: `ASIAZQ4MXW3B${String(index).padStart(8, 'K7')}`,
      obtainedAt: at(left - lasts),
      expiresAt: at(left),
      remainingSeconds: Math.floor(left / 1000),
      refreshAt: at(left - 10 * MINUTE),
    });
    if (profile.name === 'hub') {
      return [{ ...base, ...live(9.7 * HOUR, 12 * HOUR), arn: `arn:aws:iam::${profile.accountId}:user/deploy-bot` }];
    }
    if (profile.name === 'stage-admin') return [{ ...base, ...live(2.3 * HOUR, 4 * HOUR), arn }];
    if (profile.name === 'reports-reader') return [{ ...base, state: 'none' as const }];
    return [
      {
        ...base,
        state: 'refused' as const,
        failure: {
          at: at(-4 * MINUTE),
          code: 'ServiceRefused',
          message:
            'AWS gives no session for the profile ci-deploy. AccessDenied: User: arn:aws:iam::730918264455:user/ci is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::730918264455:role/deploy If the role’s trust policy wants MFA, give the profile its MFA device (mfaSerial); else its trust policy or the caller’s own policy has to allow it.',
          retryAt: at(MINUTE),
        },
      },
    ];
  });
}

function rotationsAt(now: number): Rotation[] {
  const at = (ms: number): string => new Date(now + ms).toISOString();
  const day = { quarantineSeconds: 86_400 };
  return [
    {
      id: rotationId(0),
      key: 'ci',
      account: 'stage',
      state: 'waiting',
      message:
        'AKIAT5HBN2QWZK8M3D6F was used for sqs in eu-west-1 by something else than this vault, after the switch. Find what still has it, or confirm.',
      step: 'retire',
      halt: 'usedElsewhere',
      needs: 'confirm',
      canRollBack: true,
      ...day,
      user: 'ci',
      oldAccessKeyId: 'AKIAT5HBN2QWZK8M3D6F',
      newAccessKeyId: 'AKIAT5HBN2QWN4V7XW2J',
      startedAt: at(-52 * MINUTE),
      evidence: [
        {
          step: 'preflight',
          at: at(-52 * MINUTE),
          text: 'The user ci has one key, used 2 minutes before for dynamodb.',
        },
        { step: 'create', at: at(-52 * MINUTE + 1400), text: 'AKIAT5HBN2QWN4V7XW2J was made, and is in the vault.' },
        { step: 'verify', at: at(-52 * MINUTE + 9100), text: 'AWS takes it for arn:aws:iam::730918264455:user/ci.' },
        { step: 'switch', at: at(-52 * MINUTE + 9300), text: '1 profile and 1 client sign with the new key.' },
      ],
    },
    {
      id: rotationId(1),
      key: 'dns',
      account: 'shared-services',
      state: 'quarantine',
      message: `AKIA7VKD3NQWB8F2ZG4M is switched off until ${at(17 * HOUR)}, then it is deleted.`,
      step: 'watch',
      canRollBack: true,
      ...day,
      quarantineUntil: at(17 * HOUR),
      user: 'dns-editor',
      oldAccessKeyId: 'AKIA7VKD3NQWB8F2ZG4M',
      newAccessKeyId: 'AKIA7VKD3NQWC5T9RJ8P',
      startedAt: at(-7 * HOUR),
      evidence: [
        {
          step: 'preflight',
          at: at(-7 * HOUR),
          text: 'The user dns-editor has one key, used 5 days before for route53.',
        },
        { step: 'create', at: at(-7 * HOUR + 900), text: 'AKIA7VKD3NQWC5T9RJ8P was made, and is in the vault.' },
        {
          step: 'verify',
          at: at(-7 * HOUR + 6100),
          text: 'AWS takes it for arn:aws:iam::902847561130:user/dns-editor.',
        },
        { step: 'switch', at: at(-7 * HOUR + 6200), text: '1 profile signs with the new key.' },
        { step: 'retire', at: at(-7 * HOUR + 7000), text: 'AKIA7VKD3NQWB8F2ZG4M is inactive.' },
      ],
    },
    {
      id: rotationId(2),
      key: 'terraform',
      account: 'stage',
      state: 'done',
      message: 'terraform is AKIAT5HBN2QWX4P7RS9L; AKIAT5HBN2QWJ6Q1VT5R is deleted.',
      step: 'delete',
      canRollBack: false,
      ...day,
      user: 'terraform',
      oldAccessKeyId: 'AKIAT5HBN2QWJ6Q1VT5R',
      newAccessKeyId: 'AKIAT5HBN2QWX4P7RS9L',
      startedAt: at(-3 * DAY),
      endedAt: at(-2 * DAY),
      evidence: [
        { step: 'preflight', at: at(-3 * DAY), text: 'The user terraform has one key, used 1 minute before for ec2.' },
        { step: 'delete', at: at(-2 * DAY), text: 'AKIAT5HBN2QWJ6Q1VT5R is deleted.' },
      ],
    },
  ];
}

export function sampleAws(profiles: readonly Profile[], now: number): FakeAws {
  return {
    sessions: sessionsOf(profiles, now),
    rotations: rotationsAt(now),
    plan: {
      user: 'breakglass',
      mfaSerial: SERIAL,
      keys: [
        {
          accessKeyId: OLD_PROD,
          status: 'active',
          createdAt: new Date(now - 211 * DAY).toISOString(),
          lastUsedAt: new Date(now - 97 * DAY).toISOString(),
          lastUsedService: 'iam',
          name: 'breakglass',
        },
      ],
      steps: [
        'Make a second key for the user, and keep its secret in the vault.',
        'Use it, until AWS takes it for the same user.',
        'Switch the profiles and clients over to it, all at once.',
        `Switch ${OLD_PROD} off, unless it is seen to be used elsewhere.`,
        'Watch for 24 hours whether anybody misses it.',
        `Delete ${OLD_PROD}. Until then, a rollback takes all of it back.`,
      ],
      notes: ['The key was used from outside this vault 97 days ago: another machine may have it.'],
    },
  };
}

/** Of a user with no room for another key. */
const FULL_PLAN: Partial<RotationPlan> = {
  user: 'etl',
  blockers: [
    {
      halt: 'quota',
      message:
        'The user etl has two keys already, and AWS allows no third: delete AKIA4RYPLM6XD3W8QN7K, if nobody uses it any more.',
    },
  ],
};

type Params = Record<string, unknown>;

const bareName = (called: unknown): string => String(called).replace(/^(key|credential):/, '');
const adapterOf = (called: unknown): Pick<Rotation, 'adapter'> =>
  String(called).startsWith('credential:') ? { adapter: 'service' } : {};

/** Sessions are got and forgotten, rotations begun, confirmed and rolled back, without any AWS. */
export function fakeAwsHandlers(aws: FakeAws, profiles: Profile[]) {
  const sessionOf = ({ profile }: Params): AwsSession => {
    const found = aws.sessions.find((one) => one.profile === profile);
    if (found === undefined) throw new KeyholdError('NotFound', 'There is no such session.');
    return found;
  };
  const change = ({ key }: Params, next: (rotation: Rotation) => Rotation): Rotation => {
    const index = aws.rotations.findIndex((one) => one.key === bareName(key));
    const found = aws.rotations[index];
    if (found === undefined) throw new KeyholdError('NotFound', `No rotation of ${String(key)} is under way.`);
    const changed = next(found);
    aws.rotations[index] = changed;
    return changed;
  };
  const begin = ({ key, quarantineSeconds = 86_400 }: Params): Rotation => {
    const rotation: Rotation = {
      id: rotationId(50 + aws.rotations.length),
      key: bareName(key),
      ...adapterOf(key),
      account: 'prod',
      state: 'running',
      message: 'Waits until AWS takes the new key.',
      step: 'verify',
      canRollBack: true,
      quarantineSeconds: Number(quarantineSeconds),
      user: 'breakglass',
      oldAccessKeyId: OLD_PROD,
      newAccessKeyId: 'AKIAZQ4MXW3BT8MN5K3D',
      startedAt: new Date().toISOString(),
      evidence: [],
    };
    aws.rotations = [rotation, ...aws.rotations];
    return rotation;
  };
  return {
    'session.list': () => ({ sessions: aws.sessions }),
    'session.refresh': (params: Params) => {
      const session = sessionOf(params);
      if (session.failure !== undefined) throw new KeyholdError('ServiceRefused', session.failure.message);
      const now = Date.now();
      const seconds = session.seconds ?? 3600;
      return Object.assign(session, {
        state: 'active',
        accessKeyId: 'ASIAZQ4MXW3BNEWNEW12',
        obtainedAt: new Date(now).toISOString(),
        expiresAt: new Date(now + seconds * 1000).toISOString(),
        remainingSeconds: seconds,
      });
    },
    'session.revoke': (params: Params) => {
      const { accessKeyId, obtainedAt, expiresAt, remainingSeconds, refreshAt, ...rest } = sessionOf(params);
      aws.sessions = aws.sessions.map((one) => (one.id === rest.id ? { ...rest, state: 'none' } : one));
      return { revoked: accessKeyId !== undefined };
    },
    'rotation.list': () => ({ rotations: aws.rotations }),
    'rotation.plan': ({ key: called, quarantineSeconds = 86_400 }: Params) => {
      const key = bareName(called);
      return {
        key,
        account: 'prod',
        accessKeyId: OLD_PROD,
        keys: [],
        quarantineSeconds,
        steps: [],
        notes: [],
        blockers: [],
        ...(key === 'data-export' ? FULL_PLAN : aws.plan),
      };
    },
    'rotation.startDue': ({ keys, ...rest }: Params) => {
      const begun = Array.isArray(keys) ? keys.map(String) : [];
      for (const key of begun) begin({ ...rest, key });
      return { begun, skipped: [] };
    },
    'rotation.start': begin,
    'rotation.confirm': (params: Params) =>
      change(params, ({ halt: _halt, needs: _needs, ...rest }) => ({
        ...rest,
        state: 'running',
        message: 'Switches the old key off.',
      })),
    'rotation.resume': (params: Params) => change(params, (rotation) => rotation),
    'rotation.rollback': (params: Params) =>
      change(params, ({ halt: _halt, needs: _needs, ...rest }) => ({
        ...rest,
        state: 'rolledBack',
        canRollBack: false,
        message: `${rest.key} is ${rest.oldAccessKeyId}, as before.`,
        endedAt: new Date().toISOString(),
      })),
    'profile.add': (params: Params): Profile => {
      const role = params['role'];
      if (typeof role === 'object' && role !== null && JSON.stringify(role).includes('/refused')) {
        throw new KeyholdError('InvalidInput', 'role.arn: this role is refused, whatever it is.');
      }
      const profile: Profile = {
        id: profileId(90 + profiles.length),
        name: String(params['name']),
        account: String(params['account']),
        accountId: '481520937264',
        ...(params['origin'] === undefined ? {} : { origin: Origin.parse(params['origin']) }),
        region: String(params['region']),
        createdAt: new Date().toISOString(),
        clients: 0,
      };
      profiles.push(profile);
      return profile;
    },
  };
}
