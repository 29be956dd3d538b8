import type { Define } from './command.ts';

export interface CommandEntry {
  name: string;
  summary: string;
  hidden?: true;
  load: () => Promise<{ define: Define }>;
}

/** Every command, in the order of the help. A command's module is loaded only when it runs. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'init', summary: 'make a new vault', load: () => import('./commands/init.ts') },
  {
    name: 'status',
    summary: 'say whether the vault is open and where its door is',
    load: () => import('./commands/status.ts'),
  },
  { name: 'unlock', summary: 'unlock the vault', load: () => import('./commands/unlock.ts') },
  { name: 'lock', summary: 'lock the vault at once', load: () => import('./commands/lock.ts') },
  { name: 'open', summary: 'open Keyhold’s window in the browser', load: () => import('./commands/open.ts') },
  { name: 'serve', summary: 'run Keyhold in this terminal', load: () => import('./commands/serve.ts') },
  { name: 'stop', summary: 'stop Keyhold', load: () => import('./commands/stop.ts') },
  { name: 'account', summary: 'AWS accounts', load: () => import('./commands/account.ts') },
  { name: 'key', summary: 'access keys in the vault', load: () => import('./commands/key.ts') },
  {
    name: 'import',
    summary: 'bring keys in from ~/.aws or the IAM console',
    load: () => import('./commands/import.ts'),
  },
  {
    name: 'profile',
    summary: 'profiles: an account, a key or a role, and a region',
    load: () => import('./commands/profile.ts'),
  },
  {
    name: 'session',
    summary: 'temporary credentials that profiles have of AWS',
    load: () => import('./commands/session.ts'),
  },
  {
    name: 'sso',
    summary: 'AWS IAM Identity Center: accounts, roles and their profiles',
    load: () => import('./commands/sso.ts'),
  },
  {
    name: 'saml',
    summary: 'identity providers that speak SAML: their roles and profiles',
    load: () => import('./commands/saml.ts'),
  },
  {
    name: 'oidc',
    summary: 'OpenID Connect providers, for roles by web identity',
    load: () => import('./commands/oidc.ts'),
  },
  { name: 'login', summary: 'sign in, for profiles that need it', load: () => import('./commands/login.ts') },
  { name: 'logout', summary: 'sign out, here and there', load: () => import('./commands/logout.ts') },
  { name: 'client', summary: 'tools with a client key of their own', load: () => import('./commands/client.ts') },
  { name: 'exec', summary: 'run a command with a client key', load: () => import('./commands/exec.ts') },
  { name: 'env', summary: 'print a client key as shell variables', load: () => import('./commands/env.ts') },
  {
    name: 'credential-process',
    summary: 'hand a client key to an AWS tool',
    load: () => import('./commands/credential-process.ts'),
  },
  {
    name: 'config',
    summary: 'put profiles into ~/.aws/config, or take them out',
    load: () => import('./commands/config.ts'),
  },
  {
    name: 'totp',
    summary: 'one-time codes: authenticator entries, MFA devices of AWS',
    load: () => import('./commands/totp.ts'),
  },
  { name: 'sign', summary: 'sign a request like curl makes it', load: () => import('./commands/sign.ts') },
  { name: 'presign', summary: 'a link to one S3 object', load: () => import('./commands/presign.ts') },
  { name: 'encrypt', summary: 'encrypt a file with a KMS key', load: () => import('./commands/encrypt.ts') },
  { name: 'decrypt', summary: 'decrypt a file with a KMS key', load: () => import('./commands/decrypt.ts') },
  {
    name: 'vault',
    summary: 'check, back up, restore; passwords and recovery codes',
    load: () => import('./commands/vault.ts'),
  },
  {
    name: 'rotate',
    summary: 'successors for access keys; new keys for the vault, its clients and its local CA',
    load: () => import('./commands/rotate.ts'),
  },
  {
    name: 'hsm',
    summary: 'the software HSM: copies, backups, users and quorum; PKCS#11 tokens',
    load: () => import('./commands/hsm.ts'),
  },
  {
    name: 'mfa',
    summary: 'security keys: what is plugged in, enrolment, PINs',
    load: () => import('./commands/mfa.ts'),
  },
  {
    name: 'gate',
    summary: 'what is used only with a touch of a security key',
    load: () => import('./commands/gate.ts'),
  },
  { name: 'audit', summary: 'the log of every request and change', load: () => import('./commands/audit.ts') },
  { name: 'settings', summary: 'auto-lock, port, https, backups, theme', load: () => import('./commands/settings.ts') },
  { name: 'ca', summary: 'the certificate of the local HTTPS door', load: () => import('./commands/ca.ts') },
  { name: 'completion', summary: 'completion for your shell', load: () => import('./commands/completion.ts') },
  { name: 'version', summary: 'the versions of CLI and daemon', load: () => import('./commands/version.ts') },
  { name: '__complete', summary: '', hidden: true, load: () => import('./commands/complete.ts') },
];
