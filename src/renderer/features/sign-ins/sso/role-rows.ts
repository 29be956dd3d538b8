import { fillTemplate } from '../../../../contract/profiles-of-roles.ts';
import type { SamlRole, SamlRoles } from '../../../../contract/saml.ts';
import type { SsoAccount } from '../../../../contract/sso.ts';
import { matchesSearch } from '../../../lib/list-model.ts';

/** One role of one account, as a row. */
export interface RoleRow {
  /** Account id and role: unique, and the same after the list was read again. */
  id: string;
  accountId: string;
  accountName: string;
  email: string;
  /** The account of this vault, where there is one. */
  account?: string;
  roleName: string;
  /** Profiles that work with this very role. */
  profiles: readonly string[];
  /** Of SAML: what is assumed, and through which provider. */
  saml?: SamlRole;
  /** Whether it is the first of its account: the others need not repeat it. */
  isFirst: boolean;
}

/** Accounts in the order of their names, their roles below them. */
export function roleRows(accounts: readonly SsoAccount[]): RoleRow[] {
  return [...accounts]
    .sort((a, b) => a.accountName.localeCompare(b.accountName) || a.accountId.localeCompare(b.accountId))
    .flatMap(({ accountId, accountName, email, account, roles }) =>
      [...roles]
        .sort((a, b) => a.roleName.localeCompare(b.roleName))
        .map(({ roleName, profiles }, index) => ({
          id: `${accountId} ${roleName}`,
          accountId,
          accountName,
          email,
          ...(account === undefined ? {} : { account }),
          roleName,
          profiles,
          isFirst: index === 0,
        })),
    );
}

/** The roles of a SAML sign-in: an account is called as it is here, or by its id. */
export function samlRows(roles: SamlRoles['roles']): RoleRow[] {
  const rows = roles.map(({ roleArn, principalArn, accountId, roleName, account, profile }) => ({
    id: `${roleArn} ${principalArn}`,
    accountId,
    accountName: account ?? accountId,
    email: '',
    ...(account === undefined ? {} : { account }),
    roleName,
    profiles: profile === undefined ? [] : [profile],
    saml: { roleArn, principalArn },
    isFirst: false,
  }));
  rows.sort((a, b) => a.accountName.localeCompare(b.accountName) || a.roleName.localeCompare(b.roleName));
  return foundRows(rows, '', false);
}

/** Rows that a search finds, each account named once above its own. */
export function foundRows(rows: readonly RoleRow[], search: string, missingOnly: boolean): RoleRow[] {
  let before = '';
  return rows
    .filter((row) => !missingOnly || row.profiles.length === 0)
    .filter((row) => matchesSearch(`${row.accountName} ${row.accountId} ${row.email} ${row.roleName}`, search))
    .map((row) => {
      const isFirst = row.accountId !== before;
      before = row.accountId;
      return { ...row, isFirst };
    });
}

/** What a profile will be called, as the vault takes names: without slashes and control characters, and 60 characters at most. */
export function filledName(
  template: string,
  row: Pick<RoleRow, 'account' | 'accountId' | 'accountName' | 'roleName'>,
): string {
  const { accountId, accountName, account = accountName, roleName: role } = row;
  const filled = fillTemplate(template, { accountId, account, role })
    .replaceAll(/[\p{C}/\\]+/gu, '-')
    .trim();
  return [...filled].slice(0, 60).join('').trim();
}

/** What is wrong with a template, or null. */
export function templateError(template: string): string | null {
  if (!/\{account(?:Id)?\}/.test(template)) return 'Put {account} or {accountId} into it.';
  return template.includes('{role}') ? null : 'Put {role} into it.';
}
