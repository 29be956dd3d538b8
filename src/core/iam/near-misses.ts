import type { Condition } from './condition.ts';
import type { RequestContext } from './context.ts';
import { type Layer, refer, type StatementRef } from './layer.ts';
import { matchResource, matchWho, type PreparedRequest, settle } from './match-statement.ts';
import type { Statement } from './policy.ts';
import { principalName } from './principal.ts';

/** An element that kept a statement from applying, and why, in a few words for a person. */
export interface FailedElement {
  readonly element: 'Action' | 'NotAction' | 'Resource' | 'NotResource' | 'Principal' | 'NotPrincipal' | 'Condition';
  readonly reason: string;
}

/** An Allow that did not apply. */
export interface NearMiss extends StatementRef {
  readonly failed: readonly FailedElement[];
}

const MOST = 5;
const MOST_CHARACTERS = 200;

function shorten(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}

function conditionReason({ operator, key, values }: Condition, context: RequestContext): string {
  const wanted = shorten(values.join(', '));
  const present = context.get(key.toLowerCase());
  if (present === undefined) return `${operator} wants ${key} (${wanted}), and the request does not have it`;
  const given = shorten(present.values.join(', '));
  if (present.multivalued && !/^ForA|^Null$/.test(operator)) {
    return `${key} has several values, so ${operator} needs ForAllValues: or ForAnyValue: before it`;
  }
  return `${operator} wants ${key} (${wanted}), and the request has ${given === '' ? 'an empty value' : given}`;
}

function failedElements(statement: Statement, prepared: PreparedRequest): FailedElement[] {
  const { actions, resources, principals, conditions, effect } = statement;
  const { request } = prepared;
  const failed: FailedElement[] = [];
  if (!actions.covers(prepared.action)) {
    const element = actions.negated ? 'NotAction' : 'Action';
    failed.push({ element, reason: `${element} (${shorten(actions.values.join(', '))}) leaves out ${request.action}` });
  }
  if (resources !== null && !matchResource(statement, prepared)) {
    const element = resources.negated ? 'NotResource' : 'Resource';
    failed.push({
      element,
      reason: `${element} (${shorten(resources.values.join(', '))}) leaves out ${shorten(request.resource)}`,
    });
  }
  if (principals !== null && matchWho(statement, prepared) === 'none') {
    const element = principals.negated ? 'NotPrincipal' : 'Principal';
    failed.push({ element, reason: `${element} leaves out ${principalName(request.principal)}` });
  }
  for (const condition of conditions) {
    if (settle(condition.holds(request.context), effect)) continue;
    failed.push({ element: 'Condition', reason: conditionReason(condition, request.context) });
  }
  return failed;
}

/** The Allow statements that came nearest to applying, at most five: those with the fewest failing elements, in the policies' order. */
export function nearMisses(layers: readonly Layer[], prepared: PreparedRequest): readonly NearMiss[] {
  const misses: NearMiss[] = [];
  for (const layer of layers) {
    for (const named of layer.policies) {
      for (const statement of named.policy.statements) {
        if (statement.effect === 'Deny') continue;
        const failed = failedElements(statement, prepared);
        if (failed.length > 0) misses.push({ ...refer(layer, named, statement), failed });
      }
    }
  }
  return misses.sort((a, b) => a.failed.length - b.failed.length).slice(0, MOST);
}
