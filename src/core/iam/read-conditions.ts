import { type Condition, comparison, nullCheck, type SetOperator } from './condition.ts';
import type { JsonNode } from './json.ts';
import { isBoolean, OPERATORS, type ValueTest } from './operators.ts';
import { at, type Reading, type ReadString, readObject } from './read-element.ts';

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/** A condition value is a string, number or boolean; all are compared as text until the operator reads them. */
function readValue(reading: Reading, node: JsonNode): ReadString {
  if (node.type === 'string') return node;
  if (node.type === 'number') return { offset: node.offset, value: node.text };
  if (node.type === 'boolean') return { offset: node.offset, value: String(node.value) };
  throw at(reading, node.offset, 'Syntax errors in policy: a condition value is a string, number or boolean.');
}

function readValues(reading: Reading, node: JsonNode): readonly ReadString[] {
  if (node.type !== 'array') return [readValue(reading, node)];
  if (node.items.length === 0) throw at(reading, node.offset, 'A condition must have at least one value.');
  return node.items.map((item) => readValue(reading, item));
}

function setOperatorOf(text: string | undefined): SetOperator | null {
  return text === 'ForAllValues' || text === 'ForAnyValue' ? text : null;
}

type MakeHolds = (key: string, values: readonly ReadString[]) => Condition['holds'];

/** What an operator's name means, before its keys and values are read. */
function readOperator(reading: Reading, offset: number, name: string): MakeHolds {
  const [, set, base = '', suffix] = OPERATOR.exec(name) ?? [];
  if (base === 'Null' && set === undefined && suffix === undefined) {
    return (key, values) => {
      for (const { offset: where, value } of values) {
        if (!isBoolean(value)) throw at(reading, where, `Invalid value ${value} for Null: it is true or false.`);
      }
      return nullCheck(
        key,
        values.map(({ value }) => value.toLowerCase() === 'true'),
      );
    };
  }
  const operator = OPERATORS.get(base);
  if (operator === undefined) throw at(reading, offset, `Invalid Condition type : ${name}.`);
  return (key, values) => {
    const tests = values.map(({ offset: where, value }): ValueTest => {
      const test = operator.compile(value, reading.variables);
      if (typeof test === 'string') throw at(reading, where, `Invalid value ${value} for ${name}: ${test}.`);
      return test;
    });
    const setOperator = setOperatorOf(set);
    return comparison({ key, negated: operator.negated, ifExists: suffix !== undefined, setOperator, tests });
  };
}

/** The `Condition` element as a list; all of them have to hold. */
export function readConditions(reading: Reading, node: JsonNode | undefined): readonly Condition[] {
  if (node === undefined) return [];
  const conditions: Condition[] = [];
  for (const [operator, { keyOffset, value: block }] of readObject(reading, node, 'Condition').members) {
    const makeHolds = readOperator(reading, keyOffset, operator);
    for (const [key, { keyOffset: where, value }] of readObject(reading, block, `Condition ${operator}`).members) {
      if (!/^[^:]+:./.test(key)) {
        throw at(reading, where, 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
      }
      const values = readValues(reading, value);
      const holds = makeHolds(key, values);
      conditions.push({ operator, key, values: values.map((entry) => entry.value), holds });
    }
  }
  return conditions;
}
