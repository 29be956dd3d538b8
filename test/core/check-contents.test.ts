import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkContents } from '../../src/core/check-contents.ts';
import { RECORD_SCHEMAS } from '../../src/core/record-schemas.ts';
import { kmsGrant, kmsKey, material, recordId } from '../support/kms-records.ts';

type Json = { [name: string]: Json } | readonly Json[] | string | number | boolean | null;

const PATTERN = '^[0-9a-f]{32}$';

/** What JSON Schema calls an object with nothing but a record's id, by the fields that it is in; `[]` is an element of a list. */
function* handleFields(schema: Json, field = ''): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema && typeof schema['properties'] === 'object') {
    const properties = Object.entries(schema['properties'] ?? {});
    const [[name, only] = ['', null], ...others] = properties;
    if (others.length === 0 && name === 'id' && JSON.stringify(only).includes(PATTERN)) yield field;
    for (const [property, inner] of properties) yield* handleFields(inner, property);
  }
  for (const [word, inner] of Object.entries(schema)) if (word !== 'properties') yield* handleFields(inner, field);
}

/** An account’s payload. */
const lab = { name: 'lab', accountId: '123456789012', kind: 'local', createdAt: 1 };

describe('what a record refers to', () => {
  test('is looked for in every field that can', () => {
    const fields = new Set<string>();
    for (const [kind, schema] of Object.entries(RECORD_SCHEMAS)) {
      if (kind === 'rotation' || kind === 'panic') continue;
      const text: Json = JSON.parse(JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' })));
      for (const field of handleFields(text)) fields.add(field);
    }
    expect(fields.size).toBeGreaterThan(8);
    for (const field of fields) {
      const payload = { ...lab, nested: [{ [field]: { id: recordId() } }] };
      expect([field, checkContents({ kind: 'account', id: recordId() }, payload, () => false)]).toMatchObject([
        field,
        [{ severity: 'warning', what: 'missing' }],
      ]);
      expect([field, checkContents({ kind: 'account', id: recordId() }, payload, () => true)]).toEqual([field, []]);
    }
  });

  test('is named with the record', () => {
    const naming = { id: 'ab'.repeat(16) };
    expect(checkContents({ kind: 'account', id: 'c0'.repeat(16) }, { ...lab, naming }, () => false)).toEqual([
      {
        severity: 'warning',
        where: 'record account c0c0c0c0…',
        what: 'missing',
        message: '“lab”: it refers to the key object abababab…, which is not there; set it anew or remove it',
      },
    ]);
  });

  test('is every material of a KMS key, and nothing that an encryption context says', () => {
    const key = kmsKey({ materials: [material(), material(), { id: 'f'.repeat(64), state: 'CURRENT' }] });
    expect(checkContents({ kind: 'kmsKey', id: recordId() }, key, () => false)).toHaveLength(2);
    const grant = kmsGrant(recordId(), { constraints: { equals: { id: recordId() }, subset: { secret: recordId() } } });
    expect(checkContents({ kind: 'kmsGrant', id: recordId() }, grant, () => false)).toEqual([]);
  });
});

test('a shape that the kind does not have is said, of kinds that are known', () => {
  const id = recordId();
  expect(checkContents({ kind: 'kmsKey', id }, { ...kmsKey(), spec: 'RSA_1024' }, () => true)).toEqual([
    expect.objectContaining({ severity: 'warning', what: 'structure', message: expect.stringContaining('(spec)') }),
  ]);
  expect(checkContents({ kind: 'kmsKey', id }, 'text', () => true)).toHaveLength(1);
  expect(checkContents({ kind: 'constructor', id }, {}, () => true)).toEqual([]);
});
