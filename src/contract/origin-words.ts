import type { Origin } from './origins.ts';

/** Where a profile's credentials come from, in a few words: `program aws-vault`. */
export function originWords(origin: Origin): string {
  switch (origin.kind) {
    case 'process':
      return `program ${(origin.command[0] ?? '').replace(/^.*[/\\]/, '')}`;
    case 'sso':
      return `role ${origin.roleName} of ${origin.signIn}`;
    case 'saml':
      return `SAML sign-in ${origin.signIn}`;
    case 'webIdentity':
      return origin.tokenFile === undefined ? `sign-in ${origin.signIn ?? ''}` : `token in ${origin.tokenFile}`;
  }
}
