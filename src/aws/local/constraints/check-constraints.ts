import type { Member, Shape, StructureShape } from '../../protocol/shape/shape.ts';
import { isObject } from '../../protocol/tree/write-tree.ts';
import type { ConstraintModel, ShapeConstraints, StructureConstraints } from './constraint-model.ts';
import { rulesOf, sharedRule } from './scalar-rules.ts';
import { shownValue } from './shown-value.ts';

/** Adds to `found` a sentence for each constraint that the value at `path` does not meet. */
type Check = (value: unknown, path: string, found: string[]) => void;

const NOTHING: ShapeConstraints = {};

interface Compilation {
  readonly model: ConstraintModel;
  readonly structures: Map<StructureShape, Check>;
}

/** AWS's errors spell members as Java does: `keyId`, `sAMLMetadataDocument`. */
function javaName(member: string): string {
  return member.charAt(0).toLowerCase() + member.slice(1);
}

function violation(shown: string, path: string, rule: string): string {
  return `Value${shown} at '${path}' failed to satisfy constraint: ${rule}`;
}

/** What a shape has to meet; undefined where nothing can fail. */
function compileShape(shape: Shape, name: string | undefined, c: Compilation): Check | undefined {
  const constraints = name === undefined ? NOTHING : (c.model.shapes[name] ?? NOTHING);
  if (shape.kind === 'structure') return compileStructure(shape, c);
  const secret = constraints.secret === true;
  const rules = rulesOf(constraints, shape.kind === 'number');
  const inside =
    shape.kind === 'list'
      ? compileItems(shape.item, constraints, c)
      : shape.kind === 'map'
        ? compileEntries(shape, constraints, c)
        : undefined;
  if (rules.length === 0 && inside === undefined) return undefined;
  return (value, path, found) => {
    for (const rule of rules) {
      if (!rule.holds(value)) found.push(violation(shownValue(value, secret), path, rule.text));
    }
    inside?.(value, path, found);
  };
}

function isSecret(c: Compilation, name: string | undefined): boolean {
  return name !== undefined && c.model.shapes[name]?.secret === true;
}

/** Structures inside a list have paths of their own (`tags.1.member.tagKey`); other items are named together. */
function compileItems(item: Member, { of }: ShapeConstraints, c: Compilation): Check | undefined {
  const shape = item.shape();
  if (shape.kind === 'structure' || shape.kind === 'list' || shape.kind === 'map') {
    const check = compileShape(shape, of, c);
    if (check === undefined) return undefined;
    return (value, path, found) => {
      if (!Array.isArray(value)) return;
      for (const [i, one] of value.entries()) check(one, `${path}.${i + 1}.member`, found);
    };
  }
  const rule = sharedRule((of === undefined ? undefined : c.model.shapes[of]) ?? NOTHING, shape.kind === 'number');
  if (rule === undefined) return undefined;
  const secret = isSecret(c, of);
  return (value, path, found) => {
    if (!Array.isArray(value) || value.every((one) => rule.holds(one))) return;
    found.push(violation(shownValue(value, secret), path, `Member must satisfy constraint: ${rule.text}`));
  };
}

function compileEntries(
  { value: member }: Extract<Shape, { kind: 'map' }>,
  { key, value: valueName }: ShapeConstraints,
  c: Compilation,
): Check | undefined {
  const shape = member.shape();
  const scalar = shape.kind !== 'structure' && shape.kind !== 'list' && shape.kind !== 'map';
  const secret = isSecret(c, key) || isSecret(c, valueName);
  const ofName = (name: string | undefined): ShapeConstraints =>
    (name === undefined ? undefined : c.model.shapes[name]) ?? NOTHING;
  const keyRule = sharedRule(ofName(key), false);
  const valueRule = scalar ? sharedRule(ofName(valueName), shape.kind === 'number') : undefined;
  const check = scalar ? undefined : compileShape(shape, valueName, c);
  if (keyRule === undefined && valueRule === undefined && check === undefined) return undefined;
  return (map, path, found) => {
    if (!isObject(map)) return;
    if (keyRule !== undefined && !Object.keys(map).every((one) => keyRule.holds(one))) {
      found.push(violation(shownValue(map, secret), path, `Map keys must satisfy constraint: ${keyRule.text}`));
    }
    if (valueRule !== undefined && !Object.values(map).every((one) => valueRule.holds(one))) {
      found.push(violation(shownValue(map, secret), path, `Map value must satisfy constraint: ${valueRule.text}`));
    }
    if (check !== undefined) for (const [name, one] of Object.entries(map)) check(one, `${path}.${name}.member`, found);
  };
}

function compileStructure(shape: StructureShape, c: Compilation): Check {
  const known = c.structures.get(shape);
  if (known !== undefined) return known;
  // A structure that contains itself meets this before its own check is made.
  c.structures.set(shape, (value, path, found) => compiled(value, path, found));
  const compiled = compileMembers(shape, c.model.structures[shape.name] ?? { members: {} }, c);
  c.structures.set(shape, compiled);
  return compiled;
}

function compileMembers(
  shape: StructureShape,
  { required = [], members }: StructureConstraints,
  c: Compilation,
): Check {
  const checks = shape.members.flatMap((member) => {
    const check = compileShape(member.shape(), members[member.name], c);
    const needed = required.includes(member.name);
    if (check === undefined && !needed) return [];
    return [
      { name: member.name, path: javaName(member.name), check, needed, secret: isSecret(c, members[member.name]) },
    ];
  });
  return (value, path, found) => {
    if (!isObject(value)) return;
    for (const { name, path: last, check, needed, secret } of checks) {
      const one = value[name];
      if (one === undefined || one === null) {
        if (needed) {
          found.push(
            violation(secret ? '' : ' null', path === '' ? last : `${path}.${last}`, 'Member must not be null'),
          );
        }
      } else if (check !== undefined) check(one, path === '' ? last : `${path}.${last}`, found);
    }
  };
}

/**
 * Checks an operation's input against AWS's model: what is required, lengths, ranges, patterns, enums. Each violation is a sentence of
 * AWS's; none means that the input is as the model wants it.
 */
export function compileConstraints(input: Shape, model: ConstraintModel): (value: unknown) => string[] {
  const check = compileShape(input, undefined, { model, structures: new Map() });
  return (value) => {
    const found: string[] = [];
    check?.(value, '', found);
    return found;
  };
}

/** The text of AWS's ValidationException. */
export function validationMessage(violations: readonly string[]): string {
  const { length } = violations;
  return `${length} validation error${length === 1 ? '' : 's'} detected: ${violations.join('; ')}`;
}
