import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccessRequest, evaluate, type NamedPolicy, type PolicySlots } from '../../../src/core/iam/index.ts';
import { ACTIONS, identityStatement, keys, RESOURCES, resourceStatement } from './arbitrary-policy.ts';
import {
  ACCOUNT,
  ALICE,
  ANONYMOUS,
  ask,
  BOB,
  EVERYTHING,
  FEDERATED,
  GOOGLE,
  identity,
  LOGS,
  type LooseStatement,
  OTHER_ACCOUNT,
  ROLE_ARN,
  ROOT,
  ROOT_ARN,
  resource,
  SESSION,
  SOMETHING_ELSE,
} from './support.ts';

type Statements = readonly LooseStatement[];

/** What fills the slots, before it is parsed, so that a statement can be added to any of them. */
interface Draft {
  readonly identity: Statements;
  readonly resource: Statements | null;
  readonly boundary: Statements | null;
  readonly session: Statements | null;
  readonly scp: Statements | null;
  readonly rcp: Statements | null;
  readonly grantee: string | null;
  readonly resourceMustAllow: boolean;
}

const SLOTS = ['identity', 'resource', 'boundary', 'session', 'scp', 'rcp'] as const;

const identityStatements = fc.array(identityStatement, { minLength: 1, maxLength: 3 });
const resourceStatements = fc.array(resourceStatement, { minLength: 1, maxLength: 3 });
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 1, nil: null });

const draft: fc.Arbitrary<Draft> = fc.record({
  identity: identityStatements,
  resource: sometimes(resourceStatements),
  boundary: sometimes(identityStatements),
  session: sometimes(identityStatements),
  scp: sometimes(identityStatements),
  rcp: sometimes(resourceStatements),
  grantee: sometimes(fc.constantFrom(ALICE.arn, ROLE_ARN, SESSION.arn, ROOT_ARN)),
  resourceMustAllow: fc.boolean(),
});

const request: fc.Arbitrary<AccessRequest> = fc
  .tuple(
    fc.constantFrom(ALICE, ALICE, BOB, SESSION, SESSION, FEDERATED, ROOT, LOGS, GOOGLE, ANONYMOUS),
    fc.constantFrom(...ACTIONS),
    fc.constantFrom(...RESOURCES, '*'),
    fc.constantFrom(ACCOUNT, ACCOUNT, OTHER_ACCOUNT),
    keys,
  )
  .map(([principal, action, arn, resourceAccount, context]) =>
    ask(principal, { action, resource: arn, resourceAccount, keys: context }),
  );

const RUNS = { numRuns: 2500, seed: 91 };

function parse(plan: Draft): PolicySlots {
  const one = (statements: Statements | null): NamedPolicy<'identity'> | undefined =>
    statements === null ? undefined : identity(...statements);
  const session = one(plan.session);
  return {
    identity: [identity(...plan.identity)],
    resource: plan.resource === null ? undefined : resource(...plan.resource),
    resourceMustAllow: plan.resourceMustAllow,
    boundary: one(plan.boundary),
    session: session === undefined ? undefined : [session],
    scps: plan.scp === null ? [] : [[identity(...plan.scp)]],
    rcps: plan.rcp === null ? [] : [[resource(...plan.rcp)]],
    grants: plan.grantee === null ? [] : [{ id: 'g', grantee: plan.grantee }],
  };
}

function add(
  plan: Draft,
  slot: (typeof SLOTS)[number],
  identityOne: LooseStatement,
  resourceOne: LooseStatement,
): Draft {
  const extra = slot === 'resource' || slot === 'rcp' ? resourceOne : identityOne;
  return { ...plan, [slot]: [...(plan[slot] ?? []), extra] };
}

const kind = (asked: AccessRequest, plan: Draft) => evaluate(asked, parse(plan)).kind;

describe('evaluate', () => {
  it('denies whenever a Deny covers everything, whatever else there is', () => {
    fc.assert(
      fc.property(request, draft, fc.constantFrom(...SLOTS), (asked, plan, slot) => {
        const deny = { Effect: 'Deny' };
        expect(kind(asked, add(plan, slot, deny, deny))).toBe('explicitDeny');
      }),
      RUNS,
    );
  });

  it('allows nothing more with one Deny more', () => {
    fc.assert(
      fc.property(
        request,
        draft,
        fc.constantFrom(...SLOTS),
        identityStatement,
        resourceStatement,
        (asked, plan, slot, forIdentity, forResource) => {
          const more = add(plan, slot, { ...forIdentity, Effect: 'Deny' }, { ...forResource, Effect: 'Deny' });
          if (kind(asked, more) === 'allowed') {
            // A slot that was left out limits nothing; with a lone Deny in it, it allows nothing.
            expect(kind(asked, plan)).toBe('allowed');
          }
        },
      ),
      RUNS,
    );
  });

  it('denies nothing more with one Allow more', () => {
    fc.assert(
      fc.property(
        request,
        draft,
        fc.constantFrom(...SLOTS),
        identityStatement,
        resourceStatement.filter((statement) => !('NotPrincipal' in statement)),
        (asked, plan, slot, forIdentity, forResource) => {
          fc.pre(plan[slot] !== null);
          if (kind(asked, plan) !== 'allowed') return;
          const more = add(plan, slot, { ...forIdentity, Effect: 'Allow' }, { ...forResource, Effect: 'Allow' });
          expect(kind(asked, more)).toBe('allowed');
        },
      ),
      RUNS,
    );
  });

  it('allows nothing more with one limit more', () => {
    fc.assert(
      fc.property(request, draft, fc.constantFrom('boundary', 'session', 'scp', 'rcp'), (asked, plan, slot) => {
        if (kind(asked, plan) === 'allowed') expect(kind(asked, { ...plan, [slot]: null })).toBe('allowed');
      }),
      RUNS,
    );
  });

  it('is AWS’s formula over its parts', () => {
    const users = request.filter(({ principal }) => 'account' in principal && principal.type !== 'root');
    fc.assert(
      fc.property(users, draft, (asked, plan) => {
        const slots = parse(plan);
        const unbounded = { ...slots, boundary: undefined };
        const here = { ...asked, resourceAccount: ACCOUNT };
        const alone = (...policies: readonly NamedPolicy<'identity'>[]) => evaluate(here, { identity: policies }).kind;
        const withResource = (more: Partial<PolicySlots>) =>
          evaluate(here, { identity: [], resource: slots.resource, grants: slots.grants ?? [], ...more }).kind ===
          'allowed';
        const rcp = slots.rcps?.flat()[0];
        const parts = [
          ...slots.identity,
          slots.boundary,
          ...(slots.session ?? []),
          ...(slots.scps ?? []).flat(),
        ].filter((named) => named !== undefined);
        const limit = (policies: readonly (NamedPolicy<'identity'> | undefined)[] | undefined): boolean =>
          (policies ?? []).every((named) => named === undefined || alone(named) === 'allowed');
        const rcpKind =
          rcp === undefined
            ? 'allowed'
            : evaluate(here, { identity: [EVERYTHING], rcps: [[rcp]], boundary: slots.boundary && EVERYTHING }).kind;
        const resourceDenies =
          evaluate(here, { identity: [], resource: slots.resource, boundary: slots.boundary && EVERYTHING }).kind ===
          'explicitDeny';

        const denied =
          resourceDenies || rcpKind === 'explicitDeny' || parts.some((named) => alone(named) === 'explicitDeny');
        const guarded = rcpKind === 'allowed' && limit(slots.scps?.flat());
        const limited = limit([slots.boundary]) && limit(unbounded.session);
        const byIdentity = limit(slots.identity);
        const direct = withResource({ session: [SOMETHING_ELSE] });
        const byItself = withResource({});
        const named = withResource({ identity: [EVERYTHING], resourceMustAllow: true });
        const grantOnly = { resource: undefined };
        const grantDirect = withResource({ ...grantOnly, session: [SOMETHING_ELSE] });
        const grantByItself = withResource(grantOnly);

        const sameAccount = asked.resourceAccount === ACCOUNT;
        const allowed = sameAccount
          ? direct || (byItself && limited) || (byIdentity && limited && (named || !plan.resourceMustAllow))
          : grantDirect || (grantByItself && limited) || (named && byIdentity && limited);
        expect(evaluate(asked, slots).kind === 'allowed').toBe(!denied && guarded && allowed);
        expect(evaluate(asked, slots).kind === 'explicitDeny').toBe(denied);
      }),
      RUNS,
    );
  });

  it('explains every decision', () => {
    fc.assert(
      fc.property(request, draft, (asked, plan) => {
        const decision = evaluate(asked, parse(plan));
        expect(decision.message).toContain(asked.action);
        const effect = decision.kind === 'explicitDeny' ? 'Deny' : 'Allow';
        expect(decision.matched.every((statement) => statement.effect === effect)).toBe(true);
        if (decision.kind === 'explicitDeny') expect(decision.matched.length).toBeGreaterThan(0);
        if (decision.kind !== 'implicitDeny') expect(decision.nearest).toEqual([]);
        for (const { failed } of decision.nearest) expect(failed.length).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });
});
