import { expect, test } from 'vitest';
import type { SsoAccount } from '../../../../src/contract/sso.ts';
import {
  filledName,
  foundRows,
  roleRows,
  templateError,
} from '../../../../src/renderer/features/sign-ins/sso/role-rows.ts';

const accounts: SsoAccount[] = [
  {
    accountId: '222222222222',
    accountName: 'Production',
    email: 'prod@example.com',
    account: 'prod',
    roles: [
      { roleName: 'Read', profiles: ['prod-Read'] },
      { roleName: 'Admin', profiles: [] },
    ],
  },
  {
    accountId: '111111111111',
    accountName: 'Billing',
    email: 'bill@example.com',
    roles: [{ roleName: 'Read', profiles: [] }],
  },
];
const rows = roleRows(accounts);
const shown = (...given: [string, boolean]) =>
  foundRows(rows, ...given).map((row) => `${row.isFirst ? row.accountName : ''}/${row.roleName}`);

test('accounts stand in the order of their names, each named once', () => {
  expect(shown('', false)).toEqual(['Billing/Read', 'Production/Admin', '/Read']);
});

test('a search goes by account, id, address and role, and names the account above what it found', () => {
  expect(shown('read', false)).toEqual(['Billing/Read', 'Production/Read']);
  expect(shown('2222', false)).toEqual(['Production/Admin', '/Read']);
  expect(shown('bill@', false)).toEqual(['Billing/Read']);
  expect(shown('', true)).toEqual(['Billing/Read', 'Production/Admin']);
});

test('a profile is called after the account of the vault, or else after that of the Identity Center', () => {
  const names = rows.map((row) => filledName('{account}-{role}', row));
  expect(names).toEqual(['Billing-Read', 'prod-Admin', 'prod-Read']);
  expect(filledName('{accountId}/{role}', { accountId: '1', accountName: 'a', roleName: 'Read' })).toBe('1-Read');
  expect(filledName('{account}{role}', { accountId: '1', accountName: 'a'.repeat(80), roleName: 'R' })).toHaveLength(
    60,
  );
});

test('a template without an account or a role says which', () => {
  expect(['{account}-{role}', '{accountId} {role}'].map(templateError)).toEqual([null, null]);
  expect(templateError('{role}')).toBe('Put {account} or {accountId} into it.');
  expect(templateError('{account}')).toBe('Put {role} into it.');
});
