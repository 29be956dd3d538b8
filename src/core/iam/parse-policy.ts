import { type JsonMember, type JsonNode, parseJson } from './json.ts';
import { MalformedPolicyError, positionAt } from './malformed-policy.ts';
import type { Policy, PolicyKind, PolicyVersion, Statement } from './policy.ts';
import { checkPolicySize, type PolicySize } from './policy-size.ts';
import type { PrincipalSet } from './principal-set.ts';
import { readActions } from './read-actions.ts';
import { readConditions } from './read-conditions.ts';
import { at, type Reading, readObject, readString } from './read-element.ts';
import { readPrincipals } from './read-principals.ts';
import { readResources } from './read-resources.ts';

export interface ParseOptions<K extends PolicyKind = PolicyKind> {
  readonly kind: K;
  /** The quota of the place the policy is for; without it, the most IAM takes anywhere. */
  readonly size?: PolicySize;
}

const POLICY_FIELDS: ReadonlySet<string> = new Set(['Version', 'Id', 'Statement']);
const STATEMENT_FIELDS: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

function decode(input: string | Uint8Array): string {
  if (typeof input === 'string') return input.startsWith('\ufeff') ? input.slice(1) : input;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(input);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new MalformedPolicyError('syntax', 'Syntax errors in policy: it is not UTF-8.', { line: 1, column: 1 });
  }
}

function refuseUnknown(reading: Reading, members: ReadonlyMap<string, JsonMember>, known: ReadonlySet<string>): void {
  for (const [name, { keyOffset }] of members) {
    if (!known.has(name)) throw at(reading, keyOffset, `Unknown field ${name}.`);
  }
}

function readVersion(reading: Reading, node: JsonNode | undefined): PolicyVersion {
  if (node === undefined) return '2008-10-17';
  const { value, offset } = readString(reading, node, 'Version');
  if (value !== '2008-10-17' && value !== '2012-10-17') {
    throw at(reading, offset, 'Policy document Version must be 2012-10-17 or 2008-10-17.');
  }
  return value;
}

function readSid(reading: Reading, kind: PolicyKind, node: JsonNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  const { value, offset } = readString(reading, node, 'Sid');
  // Services whose resources have policies take spaces as well ("Enable IAM User Permissions").
  if (kind !== 'resource' && !/^[0-9A-Za-z]*$/.test(value)) {
    const rule = 'Check that your input satisfies the regular expression [0-9A-Za-z]*';
    throw at(reading, offset, `Statement IDs (SID) must be alpha-numeric. ${rule}`);
  }
  return value;
}

function readEffect(reading: Reading, offset: number, members: ReadonlyMap<string, JsonMember>): Statement['effect'] {
  const node = members.get('Effect')?.value;
  if (node === undefined) throw at(reading, offset, 'Missing required field Effect.');
  const { value, offset: where } = readString(reading, node, 'Effect');
  if (value !== 'Allow' && value !== 'Deny') throw at(reading, where, `Invalid effect: ${value}. Use Allow or Deny.`);
  return value;
}

function readWho(
  reading: Reading,
  kind: PolicyKind,
  offset: number,
  members: ReadonlyMap<string, JsonMember>,
  effect: Statement['effect'],
): PrincipalSet | null {
  const given = members.get('Principal') ?? members.get('NotPrincipal');
  if (kind === 'identity') {
    if (given === undefined) return null;
    throw at(reading, given.keyOffset, 'Policy document should not specify a principal.');
  }
  const principals = readPrincipals(reading, members);
  if (principals === null) throw at(reading, offset, 'Missing required field Principal.');
  if (principals.negated && (kind === 'trust' || effect === 'Allow')) {
    const where = members.get('NotPrincipal')?.keyOffset ?? offset;
    throw at(reading, where, 'Has prohibited field NotPrincipal: it stands only with Deny, and in no trust policy.');
  }
  return principals;
}

function readStatement(reading: Reading, kind: PolicyKind, node: JsonNode, index: number): Statement {
  const { members, offset } = readObject(reading, node, 'a statement');
  refuseUnknown(reading, members, STATEMENT_FIELDS);
  const resource = members.get('Resource') ?? members.get('NotResource');
  if (kind === 'trust' && resource !== undefined) {
    throw at(reading, resource.keyOffset, 'Has prohibited field Resource.');
  }
  const effect = readEffect(reading, offset, members);
  return {
    index,
    position: positionAt(reading.text, offset),
    sid: readSid(reading, kind, members.get('Sid')?.value),
    effect,
    principals: readWho(reading, kind, offset, members, effect),
    actions: readActions(reading, offset, members),
    resources: kind === 'trust' ? null : readResources(reading, offset, members),
    conditions: readConditions(reading, members.get('Condition')?.value),
  };
}

function refuseTwins(reading: Reading, nodes: readonly JsonNode[], statements: readonly Statement[]): void {
  const seen = new Set<string>();
  for (const { sid, index } of statements) {
    if (sid === undefined || sid === '') continue;
    const offset = nodes[index]?.offset ?? 0;
    if (seen.has(sid)) throw at(reading, offset, 'Statement IDs (SID) in a single policy must be unique.');
    seen.add(sid);
  }
}

/**
 * Reads and compiles a policy (IAM User Guide, "Grammar of the IAM JSON policy language"). Nothing is passed over: an unknown element,
 * operator or value throws `MalformedPolicyError` with AWS's sentence and the position.
 */
export function parsePolicy<K extends PolicyKind>(
  input: string | Uint8Array,
  { kind, size }: ParseOptions<K>,
): Policy<K> {
  const text = decode(input);
  checkPolicySize(text, size);
  const root = readObject({ text, variables: false }, parseJson(text), 'a policy');
  const version = readVersion({ text, variables: false }, root.members.get('Version')?.value);
  const reading: Reading = { text, variables: version === '2012-10-17' };
  refuseUnknown(reading, root.members, POLICY_FIELDS);
  const id = root.members.get('Id');
  const list = root.members.get('Statement')?.value;
  if (list === undefined) throw at(reading, root.offset, 'Missing required field Statement.');
  const nodes = list.type === 'array' ? list.items : [list];
  if (nodes.length === 0) throw at(reading, list.offset, 'Policy document must contain at least one statement.');
  const statements = nodes.map((node, index) => readStatement(reading, kind, node, index));
  if (kind !== 'resource') refuseTwins(reading, nodes, statements);
  return {
    kind,
    version,
    id: id === undefined ? undefined : readString(reading, id.value, 'Id').value,
    statements,
  };
}
