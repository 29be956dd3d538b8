import type { AccessKey, Account, Client, Profile } from '../../../contract/schemas.ts';

export interface Step {
  id: 'account' | 'key' | 'profile' | 'client';
  title: string;
  text: string;
  done: boolean;
}

/** The way from an empty vault to a signed request. */
export function firstSteps(vault: {
  accounts: readonly Account[];
  keys: readonly AccessKey[];
  profiles: readonly Profile[];
  clients: readonly Client[];
  /** Sign-ins and certificates, which give credentials without an access key. */
  origins: number;
  requests: number;
}): Step[] {
  // A local account comes with a profile that needs no access key.
  const local = vault.accounts.some((account) => account.kind === 'local');
  const keyless = vault.origins > 0 || vault.profiles.some((profile) => profile.origin !== undefined);
  return [
    {
      id: 'account',
      title: 'Name an AWS account',
      text: 'Its 12-digit id and a name of your choice. The roles of a sign-in bring their accounts along.',
      done: vault.accounts.length > 0,
    },
    {
      id: 'key',
      title: 'Put an access key into the vault',
      text: 'Typed, pasted or from the CSV of the IAM console. Or sign in where your company lets you.',
      done: vault.keys.length > 0 || local || keyless,
    },
    {
      id: 'profile',
      title: 'Make a profile',
      text: 'The key, or a role of a sign-in, with a region, under the name your tools use.',
      done: vault.profiles.length > 0,
    },
    {
      id: 'client',
      title: 'Sign the first request',
      text: 'Run a command through Keyhold. The key itself never leaves the vault.',
      done: vault.clients.length > 0 || vault.requests > 0,
    },
  ];
}
