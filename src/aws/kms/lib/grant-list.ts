import type { GrantListEntry } from '@aws-sdk/client-kms';
import { accountRootArn, keyArn } from '../../../core/kms/arn.ts';
import type { FoundGrant } from '../../../core/kms/records.ts';
import type { Things } from '../../../core/things.ts';

/** A grant as ListGrants and ListRetirableGrants tell of it. */
export function grantEntry(things: Things, { value: grant }: FoundGrant): GrantListEntry {
  const key = things.kms.keyById(grant.key)?.value;
  const { accountId } = things.must('account', grant.account);
  const { equals, subset, sourceArn } = grant.constraints ?? {};
  const { grantee, retiring } = grant;
  return {
    ...(key === undefined ? {} : { KeyId: keyArn(accountId, key.region, key.keyId) }),
    GrantId: grant.grantId,
    Name: grant.name ?? '',
    CreationDate: new Date(grant.createdAt),
    ...(grant.serviceGrantee === true ? { GranteeServicePrincipal: grantee } : { GranteePrincipal: grantee }),
    ...(grant.serviceRetiring === true ? { RetiringServicePrincipal: retiring } : { RetiringPrincipal: retiring }),
    IssuingAccount: accountRootArn(grant.issuer, grant.region),
    Operations: [...grant.operations],
    ...(grant.constraints === undefined
      ? {}
      : {
          Constraints: {
            ...(equals === undefined ? {} : { EncryptionContextEquals: { ...equals } }),
            ...(subset === undefined ? {} : { EncryptionContextSubset: { ...subset } }),
            ...(sourceArn === undefined ? {} : { SourceArn: sourceArn }),
          },
        }),
  };
}
