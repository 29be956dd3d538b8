import { KeyholdError } from '../../contract/errors.ts';
import type { Role } from '../../contract/roles.ts';
import type { RemotePlace } from '../../core/core.ts';
import type { AwsSts, MfaProof, StsCredentials } from '../../core/sessions/aws-sts.ts';
import { elementOf } from './element-of.ts';
import { STS } from './iam-call.ts';
import { queryRemote, type RemoteParts } from './query-remote.ts';
import { unsignedQuery } from './unsigned-query.ts';

/** The few operations of STS that give a profile its temporary credentials, at the endpoint of its region. */
export function createAwsSts(parts: RemoteParts): AwsSts {
  const call = (place: RemotePlace, action: string, parameters: Readonly<Record<string, string>>) =>
    queryRemote(place, { ...STS, action, parameters }, parts);
  return {
    async assumeRole(place, { role, sessionName, seconds, mfa }) {
      const answer = await call(place, 'AssumeRole', {
        RoleArn: role.arn,
        RoleSessionName: sessionName,
        DurationSeconds: String(seconds),
        ...parametersOf(role),
        ...proof(mfa),
      });
      return credentialsIn(answer, 'AssumeRole');
    },

    async assumeRoleWithSaml(place, { role, principalArn, assertion, seconds }) {
      const parameters = {
        RoleArn: role.arn,
        PrincipalArn: principalArn,
        DurationSeconds: String(seconds),
        ...policiesOf(role),
      };
      const action = 'AssumeRoleWithSAML';
      const proof = { SAMLAssertion: assertion };
      return credentialsIn(await unsignedQuery(place, { ...STS, action, parameters }, proof, parts), action);
    },

    async assumeRoleWithWebIdentity(place, { role, sessionName, token, seconds }) {
      const parameters = {
        RoleArn: role.arn,
        RoleSessionName: sessionName,
        DurationSeconds: String(seconds),
        ...policiesOf(role),
      };
      const action = 'AssumeRoleWithWebIdentity';
      const proof = { WebIdentityToken: token };
      return credentialsIn(await unsignedQuery(place, { ...STS, action, parameters }, proof, parts), action);
    },

    async getSessionToken(place, { seconds, mfa }) {
      const answer = await call(place, 'GetSessionToken', { DurationSeconds: String(seconds), ...proof(mfa) });
      return credentialsIn(answer, 'GetSessionToken');
    },

    async callerIdentity(place) {
      const answer = await call(place, 'GetCallerIdentity', {});
      const [accountId, arn, userId] = ['Account', 'Arn', 'UserId'].map((name) => textOf(answer, name));
      if (accountId === undefined || arn === undefined || userId === undefined) throw unknownForm('GetCallerIdentity');
      return { accountId, arn, userId };
    },
  };
}

function proof(mfa: MfaProof | undefined): Record<string, string> {
  return mfa === undefined ? {} : { SerialNumber: mfa.serialNumber, TokenCode: mfa.code };
}

function parametersOf(role: Role): Record<string, string> {
  const out = policiesOf(role);
  if (role.externalId !== undefined) out['ExternalId'] = role.externalId;
  if (role.sourceIdentity !== undefined) out['SourceIdentity'] = role.sourceIdentity;
  for (const [index, [key, value]] of Object.entries(role.tags ?? {}).entries()) {
    out[`Tags.member.${index + 1}.Key`] = key;
    out[`Tags.member.${index + 1}.Value`] = value;
  }
  for (const [index, key] of (role.transitiveTagKeys ?? []).entries()) {
    out[`TransitiveTagKeys.member.${index + 1}`] = key;
  }
  return out;
}

function policiesOf(role: Role): Record<string, string> {
  const out: Record<string, string> = {};
  if (role.policy !== undefined) out['Policy'] = role.policy;
  for (const [index, arn] of (role.policyArns ?? []).entries()) out[`PolicyArns.member.${index + 1}.arn`] = arn;
  return out;
}

/** The secret parts as bytes of their own; the answer is wiped. */
export function credentialsIn(answer: Buffer, action: string): StsCredentials {
  try {
    const accessKeyId = textOf(answer, 'AccessKeyId');
    const secret = elementOf(answer, 'SecretAccessKey');
    const token = elementOf(answer, 'SessionToken');
    const expiresAt = Date.parse(textOf(answer, 'Expiration') ?? '');
    if (accessKeyId === undefined || secret === undefined || token === undefined || Number.isNaN(expiresAt)) {
      throw unknownForm(action);
    }
    const arn = textOf(answer, 'Arn');
    return {
      accessKeyId,
      secret: Uint8Array.from(secret),
      token: Uint8Array.from(token),
      expiresAt,
      ...(arn === undefined ? {} : { arn }),
    };
  } finally {
    answer.fill(0);
  }
}

function textOf(answer: Buffer, name: string): string | undefined {
  return elementOf(answer, name)?.toString('utf8').trim();
}

function unknownForm(action: string): KeyholdError {
  // What a network's sign-in page answers in AWS's place, for instance.
  return new KeyholdError(
    'Unreachable',
    `What answered ${action} is not AWS. Check the network, and the endpoint of the account.`,
  );
}
