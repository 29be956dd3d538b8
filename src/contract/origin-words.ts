import type { Origin } from './origins.ts';

/** Where a profile's credentials come from, in a few words: `program aws-vault`. */
export function originWords(origin: Origin): string {
  switch (origin.kind) {
    case 'process':
      return `program ${(origin.command[0] ?? '').replace(/^.*[/\\]/, '')}`;
    case 'sso':
      return `role ${origin.roleName} of ${origin.signIn}`;
  }
}
