import type { Credential } from '../../src/contract/credentials.ts';
import { KeyholdError } from '../../src/contract/errors.ts';

const DAY = 86_400_000;
const credentialId = (index: number): string => `6${index.toString(16).padStart(31, '0')}`;

/** One of each type: a password that is due, an SSH key, an SMTP password, and one whose answer was lost. */
export function sampleCredentials(now: number): Credential[] {
  const ago = (days: number): string => new Date(now - days * DAY).toISOString();
  return [
    {
      id: credentialId(1),
      name: 'git',
      type: 'service',
      key: 'deploy-bot',
      account: 'prod',
      service: 'codecommit.amazonaws.com',
      state: 'ready',
      credentialId: 'ACCAZQ4MXW3BN7KT7Q2X',
      userName: 'deploy-bot-at-481520937264',
      note: 'The build machine clones with it.',
      createdAt: ago(120),
      issuedAt: ago(120),
      dueAt: ago(30),
    },
    {
      id: credentialId(2),
      name: 'git-ssh',
      type: 'sshKey',
      key: 'deploy-bot',
      account: 'prod',
      state: 'ready',
      credentialId: 'APKAZQ4MXW3BJ2LR9V4C',
      userName: 'APKAZQ4MXW3BJ2LR9V4C',
      publicKey: `ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAACAQC${'7bPz'.repeat(24)}`,
      fingerprint: 'SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8',
      note: '',
      createdAt: ago(18),
      issuedAt: ago(18),
      maxAgeDays: 180,
      dueAt: ago(-162),
    },
    {
      id: credentialId(3),
      name: 'mail',
      type: 'smtp',
      key: 'dns',
      account: 'shared-services',
      region: 'eu-central-1',
      state: 'ready',
      userName: 'AKIA7VKD3NQWB8F2ZG4M',
      note: '',
      createdAt: ago(67),
    },
    {
      id: credentialId(4),
      name: 'models',
      type: 'service',
      key: 'ci',
      account: 'stage',
      service: 'bedrock.amazonaws.com',
      state: 'unfinished',
      note: '',
      createdAt: ago(0),
    },
  ];
}

/** Credentials are made, renamed and removed without any AWS; `models` had its answer lost, and has appeared in IAM. */
export function fakeCredentialHandlers(vault: { credentials: Credential[] }) {
  const put = (next: Credential): Credential => {
    vault.credentials = [...vault.credentials.filter(({ name }) => name !== next.name), next];
    return next;
  };
  return {
    'credential.list': () => ({ credentials: vault.credentials }),
    'credential.add': (params: Record<string, unknown>): Credential => {
      const name = String(params['name']);
      const before = vault.credentials.find((one) => one.name === name);
      if (before?.state === 'ready') {
        throw new KeyholdError('AlreadyExists', `There is a credential called “${name}” already.`, {
          kind: 'credential',
          name,
        });
      }
      if (before !== undefined && params['reset'] === undefined) {
        const appeared = ['ACCA4RYPLM6XD3W8QN7K'];
        throw new KeyholdError('InUse', `${appeared[0]} has appeared since ${name} was asked for.`, { appeared });
      }
      const at = new Date().toISOString();
      const base: Credential = before ?? {
        id: credentialId(20 + vault.credentials.length),
        name,
        type: params['type'] === 'smtp' ? 'smtp' : params['type'] === 'sshKey' ? 'sshKey' : 'service',
        key: String(params['key']),
        account: 'prod',
        state: 'ready',
        note: String(params['note'] ?? ''),
        createdAt: at,
      };
      return put({
        ...base,
        state: 'ready',
        ...(base.type === 'smtp' ? { region: String(params['region']) } : {}),
        ...(base.type === 'service' ? { service: base.service ?? 'codecommit.amazonaws.com' } : {}),
        credentialId: String(params['reset'] ?? 'ACCAZQ4MXW3BNEWNEW12'),
        userName: `${name}-at-481520937264`,
        issuedAt: at,
      });
    },
    'credential.update': ({ name, rename, note }: Record<string, unknown>): Credential => {
      const found = vault.credentials.find((one) => one.name === name);
      if (found === undefined) throw new KeyholdError('NotFound', 'There is no such credential.');
      Object.assign(found, typeof rename === 'string' ? { name: rename } : {}, { note: String(note ?? '') });
      return found;
    },
    'credential.remove': ({ name }: Record<string, unknown>) => {
      vault.credentials = vault.credentials.filter((one) => one.name !== name);
      return {};
    },
  };
}
