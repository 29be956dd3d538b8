import type { Result } from '../../../contract/methods.ts';
import type { Token } from '../../../contract/tokens.ts';

/** One more wrong PIN would lock it, as far as is known without asking it. */
export function pinTryIsLast({ connection }: Pick<Token, 'connection'>): boolean {
  return connection.state === 'ready' && connection.facts.pin === 'final-try';
}

/** What was found out about a change of the PIN that was interrupted. */
export function settledWords(name: string, kept: Result<'token.settlePin'>['kept']): string {
  switch (kept) {
    case 'present':
      return `${name} has kept the PIN before, and so does the vault.`;
    case 'next':
      return `${name} has the new PIN, and so has the vault.`;
    case 'certain':
      return `The PIN of ${name} is certain: no change of it was interrupted.`;
  }
}
