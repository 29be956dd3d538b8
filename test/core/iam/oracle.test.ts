import { runSimulation } from '@cloud-copilot/iam-simulate';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluate, requestContext } from '../../../src/core/iam/index.ts';
import { identityStatement, keys, RESOURCES, resourceStatement } from './arbitrary-policy.ts';
import {
  ACCOUNT,
  ALICE,
  ask,
  BOB,
  identity,
  type Keys,
  type LooseStatement,
  OTHER_ACCOUNT,
  resource,
  SESSION,
} from './support.ts';

// Random policies against another implementation, where the two mean the same. Left out, because it decides otherwise than AWS's
// documentation, or AWS leaves it open and we take it against the requester:
// - NotPrincipal, unique ids, and what a resource policy's Allow for `*` or a session is worth beside session policies and boundaries;
// - variables without a value, a variable that is a whole ARN, patterns shorter than an ARN in NotResource;
// - 0.0.0.0/0, NotIpAddress across address families, epoch seconds, numbers compared with words;
// - multivalued keys without a set operator, and empty values and sets.
const DIFFERENT =
  /NotPrincipal|AIDA|aws:kms:\*"|0\.0\.0\.0|NotIpAddress|1767225600|PrincipalArn\}|aws:username|Numeric[A-Za-z]*":\{"(?!aws:Multi)|"(?!ForA|Null)[A-Za-z]+":\{"(?:aws:TagKeys|kms:EncryptionContextKeys)"/;

function comparable(statement: LooseStatement): boolean {
  return !DIFFERENT.test(JSON.stringify(statement));
}

const identityStatements = fc.array(identityStatement.filter(comparable), { minLength: 1, maxLength: 3 });
const resourceStatements = fc.array(resourceStatement.filter(comparable), { minLength: 1, maxLength: 3 });

/** Keys with values, the tag that variables ask for, and nothing that the action does not know. */
function trim(given: Keys, action: string): Keys {
  const entries = Object.entries(given).filter(([key, value]) => {
    if (key.startsWith('kms:') && action !== 'kms:Decrypt') return false;
    return value.length > 0 && !(value.length === 1 && value[0] === '');
  });
  return { 'aws:PrincipalTag/team': 'ab', ...Object.fromEntries(entries) };
}

/** The other one wants strings for numbers and booleans. */
function document(statements: readonly LooseStatement[]): unknown {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements }, (_key, value: unknown) =>
    typeof value === 'boolean' || typeof value === 'number' ? String(value) : value,
  );
  return JSON.parse(text);
}

function plainContext(context: ReturnType<typeof requestContext>): Record<string, string | string[]> {
  return Object.fromEntries(
    [...context].map(([key, { multivalued, values }]) => [key, multivalued ? [...values] : (values[0] ?? '')]),
  );
}

const KINDS: Readonly<Record<string, string>> = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitDeny',
  ImplicitlyDenied: 'implicitDeny',
};

it('decides as @cloud-copilot/iam-simulate does', async () => {
  const plans = fc.record({
    principal: fc.constantFrom(ALICE, BOB, SESSION),
    arn: fc.constantFrom(...RESOURCES),
    decrypt: fc.boolean(),
    owner: fc.constantFrom(ACCOUNT, ACCOUNT, OTHER_ACCOUNT),
    given: keys,
    identityPlan: identityStatements,
    resourcePlan: fc.option(resourceStatements, { nil: undefined, freq: 1 }),
    boundaryPlan: fc.option(identityStatements, { nil: undefined, freq: 1 }),
    scpPlan: fc.option(identityStatements, { nil: undefined, freq: 1 }),
  });
  const seen: Record<string, number> = {};
  const run = fc.asyncProperty(plans, async (plan) => {
    const { principal, arn, owner, identityPlan, resourcePlan, scpPlan } = plan;
    const isKey = arn.startsWith('arn:aws:kms:');
    const action = isKey ? (plan.decrypt ? 'kms:Decrypt' : 'kms:DescribeKey') : 's3:GetObject';
    // Where the two differ on what a resource policy is worth, there is no boundary.
    const boundaryPlan = principal === SESSION && resourcePlan !== undefined ? undefined : plan.boundaryPlan;
    const asked = ask(principal, { action, resource: arn, resourceAccount: owner, keys: trim(plan.given, action) });
    const ours = evaluate(asked, {
      identity: [identity(...identityPlan)],
      resource: resourcePlan && resource(...resourcePlan),
      resourceMustAllow: isKey,
      boundary: boundaryPlan && identity(...boundaryPlan),
      scps: scpPlan === undefined ? [] : [[identity(...scpPlan)]],
    });
    const theirs = await runSimulation(
      {
        request: {
          principal: principal.arn,
          action,
          resource: { resource: arn, accountId: owner },
          contextVariables: plainContext(requestContext(principal, trim(plan.given, action))),
        },
        identityPolicies: [{ name: 'identity', policy: document(identityPlan) }],
        resourcePolicy: resourcePlan && document(resourcePlan),
        ...(boundaryPlan && { permissionBoundaryPolicies: [{ name: 'boundary', policy: document(boundaryPlan) }] }),
        serviceControlPolicies:
          scpPlan === undefined ? [] : [{ orgIdentifier: 'o', policies: [{ name: 'scp', policy: document(scpPlan) }] }],
        resourceControlPolicies: [],
      },
      {},
    );
    if (theirs.resultType === 'error') throw new Error(JSON.stringify(theirs.errors));
    expect(ours.kind).toBe(KINDS[theirs.overallResult]);
    seen[ours.kind] = (seen[ours.kind] ?? 0) + 1;
  });
  await fc.assert(run, { numRuns: 1500, seed: 95 });
  // The world is small enough that all of them occur.
  expect(Object.values(seen).every((count) => count > 50)).toBe(true);
  expect(Object.keys(seen)).toHaveLength(3);
});
