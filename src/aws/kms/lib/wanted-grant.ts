import type { CreateGrantCommandInput } from '@aws-sdk/client-kms';
import {
  checkGrant,
  checkGrantPrincipal,
  checkServicePrincipal,
  type GrantConstraints,
} from '../../../core/kms/grants.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { KmsGrant, KmsKey } from '../../../core/kms/records.ts';
import type { Validated } from '../../local/operation.ts';

export type GrantInput = Validated<CreateGrantCommandInput>;
/** What a request says of the grant it wants. */
export type WantedGrant = Omit<KmsGrant, 'account' | 'region' | 'key' | 'grantId' | 'createdAt' | 'issuer'>;

function refuse(message: string): KmsError {
  return new KmsError('ValidationException', message);
}

export function constraintsOf({ Constraints }: GrantInput): GrantConstraints | undefined {
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset, SourceArn: sourceArn } = Constraints ?? {};
  if (equals === undefined && subset === undefined && sourceArn === undefined) return undefined;
  return {
    ...(equals === undefined ? {} : { equals }),
    ...(subset === undefined ? {} : { subset }),
    ...(sourceArn === undefined ? {} : { sourceArn }),
  };
}

function granteeOf({ GranteePrincipal, GranteeServicePrincipal, ...input }: GrantInput): string {
  if ((GranteePrincipal === undefined) === (GranteeServicePrincipal === undefined)) {
    throw refuse('You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.');
  }
  if (GranteePrincipal !== undefined) {
    checkGrantPrincipal(GranteePrincipal);
    return GranteePrincipal;
  }
  const service = GranteeServicePrincipal ?? '';
  checkServicePrincipal(service);
  if (input.Constraints?.SourceArn === undefined) {
    throw refuse('A grant with a GranteeServicePrincipal needs a SourceArn constraint.');
  }
  if (input.RetiringPrincipal === undefined && input.RetiringServicePrincipal === undefined) {
    throw refuse('A grant with a GranteeServicePrincipal needs a RetiringPrincipal or a RetiringServicePrincipal.');
  }
  return service;
}

function retiringOf({ RetiringPrincipal, RetiringServicePrincipal }: GrantInput): string | undefined {
  if (RetiringPrincipal !== undefined && RetiringServicePrincipal !== undefined) {
    throw refuse('You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.');
  }
  if (RetiringPrincipal !== undefined) checkGrantPrincipal(RetiringPrincipal);
  if (RetiringServicePrincipal !== undefined) checkServicePrincipal(RetiringServicePrincipal);
  return RetiringPrincipal ?? RetiringServicePrincipal;
}

/** Checks what a request says of a grant of this key. Throws ValidationException or InvalidArnException. */
export function wantedGrant(key: KmsKey, input: GrantInput): WantedGrant {
  const grantee = granteeOf(input);
  const retiring = retiringOf(input);
  const constraints = constraintsOf(input);
  checkGrant(key, input.Operations, constraints);
  return {
    ...(input.Name === undefined ? {} : { name: input.Name }),
    grantee,
    ...(input.GranteeServicePrincipal === undefined ? {} : { serviceGrantee: true }),
    ...(retiring === undefined ? {} : { retiring }),
    ...(input.RetiringServicePrincipal === undefined ? {} : { serviceRetiring: true }),
    operations: [...new Set(input.Operations)],
    ...(constraints === undefined ? {} : { constraints }),
  };
}
