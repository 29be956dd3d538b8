import { randomBytes } from 'node:crypto';
import type { Caller } from './authenticate.ts';
import { authorize, decide } from './decide.ts';
import { awsId, awsSecret, type StrictRole, type StrictSession, type StrictState } from './state.ts';
import { takeCode } from './totp.ts';
import { answer, type Element, isoSeconds, members, Refusal, type Reply } from './xml.ts';

export async function answerSts(
  action: string,
  form: URLSearchParams,
  caller: Caller,
  state: StrictState,
): Promise<Reply> {
  switch (action) {
    case 'GetCallerIdentity':
      return answer('sts', action, { Arn: caller.arn, UserId: caller.userId, Account: caller.account });
    case 'GetSessionToken':
      return answer('sts', action, getSessionToken(form, caller, state));
    case 'AssumeRole':
      return answer('sts', action, await assumeRole(form, caller, state));
  }
  throw new Refusal(400, 'InvalidAction', `Could not find operation ${action} for version 2011-06-15`);
}

function getSessionToken(form: URLSearchParams, caller: Caller, state: StrictState): Element {
  if (caller.session !== undefined || caller.user === undefined) {
    throw new Refusal(403, 'AccessDenied', 'Cannot call GetSessionToken with session credentials');
  }
  const seconds = durationOf(form, 43_200, 129_600);
  const mfaAt = proveMfa(form, caller, state);
  return { Credentials: credentials(newSession({ seconds, mfaAt, userName: caller.user.name }, state)) };
}

async function assumeRole(form: URLSearchParams, caller: Caller, state: StrictState): Promise<Element> {
  const roleArn = required(form, 'RoleArn', 'roleArn');
  const sessionName = required(form, 'RoleSessionName', 'roleSessionName');
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw constraint(sessionName, 'roleSessionName', 'Member must satisfy regular expression pattern: [\\w+=,.@-]*');
  }
  const seconds = durationOf(form, 3600, 43_200);
  const role = state.roles.get(roleArn);
  const mfaAt = proveMfa(form, caller, state);
  await mayAssume(role, roleArn, form, { ...caller, ...withMfa(caller, mfaAt, state) }, state);
  if (role === undefined) throw new Error('nobody may assume a role that is not there');
  if (caller.session?.role !== undefined && seconds > 3600) {
    throw validation(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  if (seconds > role.maxSessionSeconds) {
    throw validation('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const { policies, packed } = sessionPolicies(form);
  const { tags, transitive } = sessionTags(form, caller);
  const sourceIdentity = form.get('SourceIdentity') ?? caller.session?.sourceIdentity;
  if (caller.session?.sourceIdentity !== undefined && sourceIdentity !== caller.session.sourceIdentity) {
    throw validation('You cannot change the SourceIdentity that the calling session has.');
  }
  const arn = `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`;
  const session = newSession(
    { seconds, mfaAt, role: { role, sessionName, arn }, policies, tags, transitive, sourceIdentity },
    state,
  );
  return {
    Credentials: credentials(session),
    AssumedRoleUser: { AssumedRoleId: `${role.id}:${sessionName}`, Arn: arn },
    PackedPolicySize: packed,
    SourceIdentity: sourceIdentity,
  };
}

/** A call that carries a code is itself proven by MFA. */
function withMfa(caller: Caller, mfaAt: number | undefined, state: StrictState): Pick<Caller, 'session'> {
  if (mfaAt === undefined || caller.session !== undefined) return { session: caller.session };
  return { session: blankSession({ seconds: 0, mfaAt }, state) };
}

/** @throws Refusal the same for a role that is not there as for one that may not be assumed: nobody learns which there are */
async function mayAssume(
  role: StrictRole | undefined,
  roleArn: string,
  form: URLSearchParams,
  caller: Caller,
  state: StrictState,
): Promise<void> {
  const refused = new Refusal(
    403,
    'AccessDenied',
    `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
  );
  if (role === undefined) throw refused;
  const names = [caller.arn, caller.session?.role?.role.arn, '*'];
  const byName = role.principals.some((principal) => names.includes(principal));
  const byAccount = role.principals.some((principal) =>
    [`arn:aws:iam::${caller.account}:root`, caller.account].includes(principal),
  );
  if (!byName && !byAccount) throw refused;
  if (role.externalId !== undefined && form.get('ExternalId') !== role.externalId) throw refused;
  if (role.mfa && caller.session?.mfaAt === undefined) throw refused;
  if (byName && role.account === caller.account && caller.user !== undefined) {
    // Named itself in the same account, it needs no policy of its own; but a denial counts.
    const { session } = caller;
    const question = { principal: caller.user, action: 'sts:AssumeRole', resource: roleArn };
    const decision = await decide({ ...question, mfaAt: session?.mfaAt, issuedAt: session?.issuedAt }, state);
    if (decision === 'explicitDeny') throw refused;
    return;
  }
  await authorize(caller, 'sts:AssumeRole', roleArn, state);
}

/** @throws Refusal unless no MFA is given or it is right */
function proveMfa(form: URLSearchParams, caller: Caller, state: StrictState): number | undefined {
  const serialNumber = form.get('SerialNumber');
  const code = form.get('TokenCode');
  if (serialNumber === null && code === null) return undefined;
  const failed = (sentence: string): Refusal =>
    new Refusal(403, 'AccessDenied', `MultiFactorAuthentication failed${sentence}`);
  if (serialNumber === null || code === null) {
    throw failed(', must provide both MFA serial number and one time pass code.');
  }
  if (!/^\d{6}$/.test(code))
    throw constraint(code, 'tokenCode', 'Member must satisfy regular expression pattern: [\\d]*');
  const device = state.devices.get(serialNumber);
  if (device === undefined || caller.user === undefined || device.userName !== caller.user.name) {
    throw failed(
      ', unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    );
  }
  if (!takeCode(device, code, state.now())) throw failed(' with invalid MFA one time pass code. ');
  return state.now();
}

export function sessionPolicies(form: URLSearchParams): { policies: string[]; packed: number | undefined } {
  const policy = form.get('Policy');
  const managed = Array.from({ length: 10 }, (_, index) => form.get(`PolicyArns.member.${index + 1}.arn`)).filter(
    (arn) => arn !== null,
  );
  if (policy === null && managed.length === 0) return { policies: [], packed: undefined };
  if (policy !== null && !isPolicy(policy)) {
    throw new Refusal(400, 'MalformedPolicyDocument', 'This policy contains invalid Json');
  }
  const packed = Math.ceil(((policy?.length ?? 0) + managed.join('').length) / 20.48);
  if (packed > 100) {
    throw new Refusal(
      400,
      'PackedPolicyTooLarge',
      `Packed policy consumes ${packed}% of allotted space, please use smaller policy.`,
    );
  }
  return { policies: policy === null ? [] : [policy], packed };
}

function sessionTags(form: URLSearchParams, caller: Caller): Pick<StrictSession, 'tags' | 'transitive'> {
  const inherited = caller.session;
  const tags = new Map<string, string>();
  for (const key of inherited?.transitive ?? []) tags.set(key, inherited?.tags.get(key) ?? '');
  const transitive = new Set(inherited?.transitive);
  for (let index = 1; ; index++) {
    const key = form.get(`Tags.member.${index}.Key`);
    if (key === null) break;
    if (transitive.has(key)) {
      throw new Refusal(
        400,
        'InvalidParameterValue',
        `One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.`,
      );
    }
    tags.set(key, form.get(`Tags.member.${index}.Value`) ?? '');
  }
  for (const key of members(form, 'TransitiveTagKeys')) transitive.add(key);
  return { tags, transitive };
}

export function isPolicy(document: string): boolean {
  try {
    const parsed: unknown = JSON.parse(document);
    return typeof parsed === 'object' && parsed !== null && 'Statement' in parsed;
  } catch {
    return false;
  }
}

type Plan = Partial<StrictSession> & { seconds: number };

function blankSession({ seconds, ...given }: Plan, state: StrictState): StrictSession {
  const now = state.now();
  return {
    accessKeyId: awsId('ASIA'),
    secretAccessKey: awsSecret(),
    sessionToken: randomBytes(192).toString('base64'),
    issuedAt: now,
    expiresAt: Math.floor(now / 1000) * 1000 + seconds * 1000,
    mfaAt: undefined,
    userName: undefined,
    role: undefined,
    policies: [],
    tags: new Map(),
    transitive: new Set(),
    sourceIdentity: undefined,
    ...given,
  };
}

export function newSession(plan: Plan, state: StrictState): StrictSession {
  const session = blankSession(plan, state);
  state.sessions.set(session.accessKeyId, session);
  return session;
}

export function credentials({ accessKeyId, secretAccessKey, sessionToken, expiresAt }: StrictSession): Element {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: isoSeconds(expiresAt),
  };
}

export function durationOf(form: URLSearchParams, usual: number, most: number): number {
  const given = form.get('DurationSeconds');
  if (given === null) return usual;
  const seconds = Number(given);
  if (!Number.isInteger(seconds)) throw validation(`${given} is not an integer`);
  if (seconds < 900) throw constraint(given, 'durationSeconds', 'Member must have value greater than or equal to 900');
  if (seconds > most)
    throw constraint(given, 'durationSeconds', `Member must have value less than or equal to ${most}`);
  return seconds;
}

export function required(form: URLSearchParams, name: string, member: string): string {
  const value = form.get(name);
  if (value !== null && value !== '') return value;
  throw validation(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

function constraint(value: string, member: string, rule: string): Refusal {
  return validation(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${rule}`,
  );
}

export const validation = (message: string): Refusal => new Refusal(400, 'ValidationError', message);
