import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KmsIndex, MATERIAL_PREFIX_DIGITS } from '../../../src/core/kms/kms-index.ts';
import type { KmsGrant, KmsKey } from '../../../src/core/kms/records.ts';
import { kmsGrant, kmsKey, material, NOW } from '../../support/kms-records.ts';

const ACCOUNTS = ['a'.repeat(32), 'b'.repeat(32)];
const REGIONS = ['eu-central-1', 'us-east-1'];
const KEY_IDS = ['k1', 'k2', 'k3'];
const MATERIALS = ['1', '2', '3'].map((digit) => digit.repeat(64));

const step = fc.record({
  account: fc.constantFrom(...ACCOUNTS),
  region: fc.constantFrom(...REGIONS),
  keyId: fc.constantFrom(...KEY_IDS),
  materials: fc.uniqueArray(fc.constantFrom(...MATERIALS), { maxLength: 3 }),
  remove: fc.boolean(),
});

/** Things puts and removes as the table of records changes: a change is a removal of the old and a put of the new. */
test('finds exactly the keys that there are, whatever came and went', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const index = new KmsIndex();
      const table = new Map<string, KmsKey>();
      for (const { account, region, keyId, materials, remove } of steps) {
        const id = `${account}${region}${keyId}`;
        const old = table.get(id);
        if (old !== undefined) index.byKind.kmsKey.remove(id, old);
        table.delete(id);
        if (remove) continue;
        const value = kmsKey({ account, region, keyId, materials: materials.map((one) => material({ id: one })) });
        table.set(id, value);
        index.byKind.kmsKey.put(id, value);
      }
      const ids = (keys: Iterable<{ id: string }>): string[] => [...keys].map(({ id }) => id).sort();
      const those = (which: (key: KmsKey) => boolean): string[] =>
        [...table].flatMap(([id, value]) => (which(value) ? [id] : [])).sort();
      expect(ids(index.keys())).toEqual([...table.keys()].sort());
      for (const account of ACCOUNTS) {
        for (const region of REGIONS) {
          const inside = index.keysIn(account, region);
          expect(ids(inside)).toEqual(those((key) => key.account === account && key.region === region));
          expect(inside.map(({ value }) => value.keyId)).toEqual(inside.map(({ value }) => value.keyId).sort());
        }
        for (const keyId of KEY_IDS) {
          expect(ids(index.related(account, keyId))).toEqual(
            those((key) => key.account === account && key.keyId === keyId),
          );
        }
      }
      for (const wanted of MATERIALS) {
        expect(ids(index.byMaterial(wanted.slice(0, MATERIAL_PREFIX_DIGITS)))).toEqual(
          those((key) => key.materials.some(({ id }) => id === wanted)),
        );
      }
    }),
  );
});

test('aliases and grants are found by what requests name, in order', () => {
  const index = new KmsIndex();
  const [account = '', other = ''] = ACCOUNTS;
  const alias = (name: string, key: string, owner = account) => {
    const value = { account: owner, region: 'eu-central-1', name, key, createdAt: NOW, updatedAt: NOW };
    index.byKind.kmsAlias.put(name + owner, value);
    return value;
  };
  alias('alias/b', 'k1');
  const gone = alias('alias/a', 'k1');
  alias('alias/c', 'k2');
  alias('alias/a', 'k3', other);
  expect(index.aliasesIn(account, 'eu-central-1').map(({ value }) => value.name)).toEqual([
    'alias/a',
    'alias/b',
    'alias/c',
  ]);
  expect(index.aliasesOf('k1').map(({ value }) => value.name)).toEqual(['alias/a', 'alias/b']);
  index.byKind.kmsAlias.remove(`alias/a${account}`, gone);
  expect(index.alias(account, 'eu-central-1', 'alias/a')).toBeUndefined();
  expect(index.alias(other, 'eu-central-1', 'alias/a')?.value.key).toBe('k3');
  expect(index.aliasesIn(account, 'us-east-1')).toEqual([]);

  const second = kmsGrant('k1', { grantId: '2', retiring: 'arn:r' });
  index.byKind.kmsGrant.put('g2', second);
  index.byKind.kmsGrant.put('g1', kmsGrant('k1', { grantId: '1' }));
  index.byKind.kmsGrant.put('g3', kmsGrant('k2', { grantId: '3', retiring: 'arn:r', region: 'us-east-1' }));
  expect(index.grantsOf('k1').map(({ id }) => id)).toEqual(['g1', 'g2']);
  expect(index.grantCount('k1')).toBe(2);
  expect(index.retirableBy('arn:r', 'eu-central-1').map(({ id }) => id)).toEqual(['g2']);
  index.byKind.kmsGrant.remove('g2', second);
  expect(index.retirableBy('arn:r', 'eu-central-1')).toEqual([]);
});

const grantStep = fc.record({
  id: fc.constantFrom('g1', 'g2', 'g3', 'g4'),
  key: fc.constantFrom('k1', 'k2'),
  grantee: fc.constantFrom('arn:a', 'arn:b'),
  name: fc.constantFrom(undefined, 'n', 'm'),
  /** An account can be here twice, so that two keys have a grant of one id. */
  grantId: fc.constantFrom('1', '2', '3'),
  remove: fc.boolean(),
});

test('finds exactly the grants that there are, by key, grantee, name and id', () => {
  fc.assert(
    fc.property(fc.array(grantStep, { maxLength: 40 }), (steps) => {
      const index = new KmsIndex();
      const table = new Map<string, KmsGrant>();
      const those = (which: (grant: KmsGrant) => boolean): string[] =>
        [...table].flatMap(([id, value]) => (which(value) ? [id] : [])).sort();
      const ids = (grants: Iterable<{ id: string }>): string[] => [...grants].map(({ id }) => id).sort();
      for (const { id, key, grantee, name, grantId, remove } of steps) {
        const old = table.get(id);
        if (old !== undefined) index.byKind.kmsGrant.remove(id, old);
        table.delete(id);
        if (!remove && those((grant) => grant.key === key && grant.grantId === grantId).length === 0) {
          const value = kmsGrant(key, { grantee, grantId, ...(name === undefined ? {} : { name }) });
          table.set(id, value);
          index.byKind.kmsGrant.put(id, value);
        }
        for (const one of ['k1', 'k2']) {
          const sorted = index.grantsOf(one).map(({ value }) => value.grantId);
          expect(sorted).toEqual([...sorted].sort());
          expect(ids(index.grantsOf(one))).toEqual(those((grant) => grant.key === one));
          expect(index.grantCount(one)).toBe(sorted.length);
          for (const to of ['arn:a', 'arn:b'])
            expect(ids(index.grantsTo(one, to))).toEqual(those((grant) => grant.key === one && grant.grantee === to));
          for (const named of ['n', 'm'])
            expect(ids(index.grantsNamed(one, named))).toEqual(
              those((grant) => grant.key === one && grant.name === named),
            );
          for (const number of ['1', '2', '3'])
            expect(index.grant(one, number)?.id).toBe(
              those((grant) => grant.key === one && grant.grantId === number)[0],
            );
        }
      }
    }),
  );
});
