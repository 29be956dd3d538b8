import type { AwsIam, IamAccessKey } from '../../core/rotation/aws-iam.ts';
import type { XmlElement } from '../protocol/xml/parse-xml.ts';
import { elementOf } from './element-of.ts';
import { at, child, createIamCall, IAM, members, STS, secretOf, textOf, unknownForm, xmlOf } from './iam-call.ts';
import type { RemoteParts } from './query-remote.ts';

/** The operations of IAM and STS that access keys are rotated with. */
export function createAwsIam(parts: RemoteParts): AwsIam {
  const call = createIamCall(parts);
  return {
    async whoAmI(signer) {
      const answer = await call(signer, STS, 'GetCallerIdentity', {});
      return { arn: textOf(answer, 'Arn'), accountId: textOf(answer, 'Account') };
    },

    async listAccessKeys(signer, userName) {
      const answer = await call(signer, IAM, 'ListAccessKeys', { UserName: userName });
      return members(at(xmlOf(answer), 'ListAccessKeysResult', 'AccessKeyMetadata')).map(viewKey);
    },

    async lastUsed(signer, accessKeyId) {
      const answer = await call(signer, IAM, 'GetAccessKeyLastUsed', { AccessKeyId: accessKeyId });
      const last = at(xmlOf(answer), 'GetAccessKeyLastUsedResult', 'AccessKeyLastUsed');
      const time = Date.parse(child(last, 'LastUsedDate')?.text ?? '');
      const service = child(last, 'ServiceName')?.text;
      return {
        ...(Number.isNaN(time) ? {} : { at: time }),
        ...(service === undefined || service === 'N/A' ? {} : { service }),
      };
    },

    async simulate(signer, { userArn, actions, mfa }) {
      const answer = await call(signer, IAM, 'SimulatePrincipalPolicy', {
        PolicySourceArn: userArn,
        'ResourceArns.member.1': userArn,
        ...Object.fromEntries(actions.map((action, index) => [`ActionNames.member.${index + 1}`, action])),
        'ContextEntries.member.1.ContextKeyName': 'aws:MultiFactorAuthPresent',
        'ContextEntries.member.1.ContextKeyType': 'boolean',
        'ContextEntries.member.1.ContextKeyValues.member.1': String(mfa),
      });
      return members(at(xmlOf(answer), 'SimulatePrincipalPolicyResult', 'EvaluationResults')).map((result) => ({
        action: child(result, 'EvalActionName')?.text ?? '',
        allowed: child(result, 'EvalDecision')?.text === 'allowed',
        uncertain: members(child(result, 'MissingContextValues')).length > 0,
      }));
    },

    async createAccessKey(signer, userName) {
      const answer = await call(signer, IAM, 'CreateAccessKey', { UserName: userName });
      try {
        const created = Date.parse(elementOf(answer, 'CreateDate')?.toString('utf8') ?? '');
        return {
          accessKeyId: textOf(answer, 'AccessKeyId'),
          secret: secretOf(answer, 'SecretAccessKey'),
          createdAt: Number.isNaN(created) ? parts.clock.now() : created,
        };
      } finally {
        answer.fill(0);
      }
    },

    async setActive(signer, { userName, accessKeyId, active }) {
      const key = { UserName: userName, AccessKeyId: accessKeyId };
      await call(signer, IAM, 'UpdateAccessKey', { ...key, Status: active ? 'Active' : 'Inactive' });
    },

    async deleteAccessKey(signer, { userName, accessKeyId }) {
      await call(signer, IAM, 'DeleteAccessKey', { UserName: userName, AccessKeyId: accessKeyId });
    },

    async sessionWithMfa(signer, { serialNumber, code, durationSeconds }) {
      const answer = await call(signer, STS, 'GetSessionToken', {
        SerialNumber: serialNumber,
        TokenCode: code,
        DurationSeconds: String(durationSeconds),
      });
      try {
        const accessKeyId = textOf(answer, 'AccessKeyId');
        const expiresAt = Date.parse(textOf(answer, 'Expiration'));
        if (Number.isNaN(expiresAt)) throw unknownForm('Expiration');
        const secret = secretOf(answer, 'SecretAccessKey');
        return { accessKeyId, secret, token: secretOf(answer, 'SessionToken'), expiresAt };
      } finally {
        answer.fill(0);
      }
    },
  };
}

function viewKey(member: XmlElement): IamAccessKey {
  const accessKeyId = child(member, 'AccessKeyId')?.text;
  const createdAt = Date.parse(child(member, 'CreateDate')?.text ?? '');
  if (accessKeyId === undefined || Number.isNaN(createdAt)) throw unknownForm('ListAccessKeys');
  return { accessKeyId, active: child(member, 'Status')?.text === 'Active', createdAt };
}
