import { arnText } from './arn.ts';
import type { JsonMember } from './json.ts';
import type { PrincipalSet } from './principal-set.ts';
import { at, type Reading, type ReadString, readEither, readObject, readStrings } from './read-element.ts';

type Family = 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';

const FAMILIES: ReadonlySet<string> = new Set<Family>(['AWS', 'Service', 'Federated', 'CanonicalUser']);
const ACCOUNT = /^\d{12}$/;
/** Account, user, role, role session, federated session: what can make a request. No wildcards. */
const IAM_RESOURCE = /^(?:root|user\/[^*?]+|role\/[^*?]+)$/;
const STS_RESOURCE = /^(?:assumed-role\/[^*?/]+\/[^*?/]+|federated-user\/[^*?/]+)$/;
/** IAM's unique ids of users and roles, which AWS puts in place of a deleted principal's ARN. */
const UNIQUE_ID = /^A(?:ID|RO)A[A-Z0-9]{8,124}$/;
const HOST = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;
const CANONICAL_USER = /^[0-9a-f]{64}$/;
const PROVIDER = /^(?:oidc-provider|saml-provider)\/[^*?]+$/;

function isAwsPrincipal(name: string): boolean {
  if (name === '*' || ACCOUNT.test(name) || UNIQUE_ID.test(name)) return true;
  const [, partition = '', service, region, account = '', resource = ''] = arnText(name).segments ?? [];
  if (!/^aws(?:-[a-z]+)*$/.test(partition) || region !== '' || !ACCOUNT.test(account)) return false;
  return service === 'iam' ? IAM_RESOURCE.test(resource) : service === 'sts' && STS_RESOURCE.test(resource);
}

/** A host (`accounts.google.com`) or one of IAM's providers. */
function isFederated(name: string): boolean {
  const { segments } = arnText(name);
  return segments === null ? HOST.test(name) : segments[2] === 'iam' && PROVIDER.test(segments[5] ?? '');
}

function isPrincipal(family: string, name: string): boolean {
  if (family === 'AWS') return isAwsPrincipal(name);
  if (family === 'Service') return HOST.test(name);
  return family === 'Federated' ? isFederated(name) : CANONICAL_USER.test(name);
}

/** `Principal` or `NotPrincipal`; null when neither is there. */
export function readPrincipals(reading: Reading, members: ReadonlyMap<string, JsonMember>): PrincipalSet | null {
  const found = readEither(reading, members, 'Principal');
  if (found === null) return null;
  const { value } = found.member;
  if (value.type === 'string') {
    if (value.value !== '*') throw at(reading, value.offset, `Invalid principal in policy: "${value.value}".`);
    return principalSet(found.negated, new Map([['AWS', [value]]]));
  }
  const families = new Map<string, readonly ReadString[]>();
  for (const [family, { keyOffset, value: list }] of readObject(reading, value, `${found.name} "*" or`).members) {
    if (!FAMILIES.has(family)) throw at(reading, keyOffset, `Invalid principal in policy: unknown field ${family}.`);
    const names = readStrings(reading, list, `${found.name} ${family}`, 'Invalid principal in policy: an empty list.');
    for (const { offset, value: name } of names) {
      if (!isPrincipal(family, name)) throw at(reading, offset, `Invalid principal in policy: "${family}":"${name}".`);
    }
    families.set(family, names);
  }
  if (families.size === 0) throw at(reading, value.offset, 'Invalid principal in policy: an empty object.');
  return principalSet(found.negated, families);
}

function principalSet(negated: boolean, families: ReadonlyMap<string, readonly ReadString[]>): PrincipalSet {
  const names = (family: Family): Set<string> => new Set(families.get(family)?.map(({ value }) => value));
  const aws = names('AWS');
  return {
    negated,
    everyone: aws.has('*'),
    aws,
    service: new Set([...names('Service')].map((name) => name.toLowerCase())),
    federated: names('Federated'),
    canonicalUser: names('CanonicalUser'),
  };
}
