import { describe, expect, it } from 'vitest';
import { evaluate, type IamUser, type RequestPrincipal } from '../../../src/core/iam/index.ts';
import { isOfAccount } from '../../../src/core/iam/principal.ts';
import { matchPrincipal, namesOf } from '../../../src/core/iam/principal-set.ts';
import {
  ACCOUNT,
  ALICE,
  ANONYMOUS,
  ask,
  BOB,
  EVERYTHING,
  FEDERATED,
  GOOGLE,
  LOGS,
  OTHER_ACCOUNT,
  ROLE_ARN,
  ROOT,
  ROOT_ARN,
  resource,
  SESSION,
} from './support.ts';

const CANONICAL = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be';
const OIDC = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
const CHINA: IamUser = { ...ALICE, partition: 'aws-cn', arn: ALICE.arn.replace('aws', 'aws-cn') };

function match(Principal: unknown, principal: RequestPrincipal): string | undefined {
  const principals = resource({ Principal }).policy.statements[0]?.principals;
  return principals ? matchPrincipal(principals, principal) : undefined;
}

it('the names of a requester are those, and no others, by which a grantee covers it', () => {
  const everyone = [ALICE, BOB, ROOT, SESSION, FEDERATED, { ...CHINA, id: undefined }].filter(isOfAccount);
  const names = new Set([...everyone.flatMap((one) => [...namesOf(one)]), ROLE_ARN, OTHER_ACCOUNT, CANONICAL, '*', '']);
  const none = new Set<string>();
  const rest = { negated: false, everyone: false, service: none, federated: none, canonicalUser: none };
  for (const principal of everyone) {
    const covering = [...names].filter(
      (name) => matchPrincipal({ ...rest, aws: new Set([name]) }, principal) !== 'none',
    );
    expect(new Set(namesOf(principal))).toEqual(new Set(covering));
  }
});

describe('Principal', () => {
  it.each<[unknown, RequestPrincipal, string]>([
    ['*', ALICE, 'direct'],
    ['*', SESSION, 'direct'],
    ['*', ANONYMOUS, 'direct'],
    ['*', LOGS, 'direct'],
    [{ AWS: '*' }, ANONYMOUS, 'direct'],
    [{ AWS: ACCOUNT }, ALICE, 'account'],
    [{ AWS: ROOT_ARN }, ALICE, 'account'],
    [{ AWS: ROOT_ARN }, SESSION, 'account'],
    [{ AWS: ROOT_ARN }, FEDERATED, 'account'],
    [{ AWS: ROOT_ARN }, ROOT, 'direct'],
    [{ AWS: ACCOUNT }, ROOT, 'direct'],
    [{ AWS: [OTHER_ACCOUNT, ACCOUNT] }, ALICE, 'account'],
    [{ AWS: OTHER_ACCOUNT }, ALICE, 'none'],
    [{ AWS: ROOT_ARN }, CHINA, 'none'],
    [{ AWS: ACCOUNT }, ANONYMOUS, 'none'],
    [{ AWS: ACCOUNT }, LOGS, 'none'],
    [{ AWS: ALICE.arn }, ALICE, 'direct'],
    [{ AWS: ALICE.arn }, BOB, 'none'],
    [{ AWS: ALICE.arn }, ROOT, 'none'],
    [{ AWS: ALICE.arn.replace('Alice', 'alice') }, ALICE, 'none'],
    [{ AWS: BOB.arn }, BOB, 'direct'],
    [{ AWS: BOB.arn.replace('ops/', '') }, BOB, 'none'],
    [{ AWS: ALICE.id }, ALICE, 'direct'],
    [{ AWS: 'AIDASOMEBODYELSE00000' }, ALICE, 'none'],
    [{ AWS: ROLE_ARN }, SESSION, 'limited'],
    [{ AWS: SESSION.roleId }, SESSION, 'limited'],
    [{ AWS: SESSION.arn }, SESSION, 'direct'],
    [{ AWS: [ROOT_ARN, ROLE_ARN, SESSION.arn] }, SESSION, 'direct'],
    [{ AWS: SESSION.arn.replace('laptop', 'other') }, SESSION, 'none'],
    [{ AWS: ROLE_ARN }, ALICE, 'none'],
    [{ AWS: FEDERATED.arn }, FEDERATED, 'direct'],
    [{ AWS: ALICE.arn }, FEDERATED, 'limited'],
    [{ Service: 'logs.amazonaws.com' }, LOGS, 'direct'],
    [{ Service: 'Logs.amazonaws.com' }, LOGS, 'direct'],
    [{ Service: 'ec2.amazonaws.com' }, LOGS, 'none'],
    [{ Federated: 'accounts.google.com' }, GOOGLE, 'direct'],
    [{ Federated: 'www.amazon.com' }, GOOGLE, 'none'],
    [{ Federated: OIDC }, { type: 'webIdentity', provider: OIDC }, 'direct'],
    [{ CanonicalUser: CANONICAL }, { ...ALICE, canonicalUserId: CANONICAL }, 'account'],
    [{ CanonicalUser: CANONICAL }, ALICE, 'none'],
    [{ AWS: OTHER_ACCOUNT, Service: 'logs.amazonaws.com' }, LOGS, 'direct'],
  ])('%j and %j: %s', (Principal, principal, expected) => {
    expect(match(Principal, principal)).toBe(expected);
  });
});

describe('NotPrincipal', () => {
  const spares = (AWS: readonly string[], principal: RequestPrincipal, bounded = false): boolean => {
    const decision = evaluate(ask(principal), {
      identity: [EVERYTHING],
      resource: resource({}, { Effect: 'Deny', NotPrincipal: { AWS } }),
      boundary: bounded ? EVERYTHING : undefined,
    });
    expect(decision.kind).not.toBe('implicitDeny');
    return decision.kind === 'allowed';
  };
  const other = SESSION.arn.replace('laptop', 'other');

  it.each<[string, readonly string[], RequestPrincipal, boolean]>([
    ['a user with its account', [ALICE.arn, ROOT_ARN], ALICE, true],
    ['a user without its account', [ALICE.arn], ALICE, false],
    ['an account without the user', [ROOT_ARN], ALICE, false],
    ['another user of the account', [BOB.arn, ROOT_ARN], ALICE, false],
    ['the root user', [ACCOUNT], ROOT, true],
    ['a role with its account', [ROLE_ARN, ROOT_ARN], SESSION, true],
    ['a role without its account', [ROLE_ARN], SESSION, false],
    ['a session with role and account', [SESSION.arn, ROLE_ARN, ROOT_ARN], SESSION, true],
    ['a session without its role', [SESSION.arn, ROOT_ARN], SESSION, false],
    ['another session of the role', [other, ROLE_ARN, ROOT_ARN], SESSION, false],
    ['a federated session with its account', [FEDERATED.arn, ROOT_ARN], FEDERATED, true],
    ['nobody that is anonymous', [ALICE.arn, ROOT_ARN], ANONYMOUS, false],
  ])('spares %s: %#', (_what, AWS, principal, expected) => {
    expect(spares(AWS, principal)).toBe(expected);
  });

  it('spares no one who has a permissions boundary', () => {
    expect(spares([ALICE.arn, ROOT_ARN], ALICE, true)).toBe(false);
  });

  it('spares a service by name', () => {
    const policy = resource({}, { Effect: 'Deny', NotPrincipal: { Service: 'logs.amazonaws.com' } });
    expect(evaluate(ask(LOGS), { identity: [], resource: policy }).kind).toBe('allowed');
    expect(evaluate(ask(GOOGLE), { identity: [], resource: policy }).kind).toBe('explicitDeny');
  });
});
