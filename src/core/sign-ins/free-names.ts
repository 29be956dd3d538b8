import { KeyholdError } from '../../contract/errors.ts';
import { foldName } from '../names.ts';
import type { Things } from '../things.ts';

/** Names that neither the vault nor this change has. */
export class FreeNames {
  readonly #things: Things;
  readonly #taken = new Set<string>();

  constructor(things: Things) {
    this.#things = things;
  }

  claim(kind: 'account' | 'profile', name: string): string {
    this.#things.assertFree(kind, name);
    if (this.#taken.has(`${kind} ${foldName(name)}`)) {
      throw new KeyholdError('InvalidInput', `choices: two of them are called ${name}. Give each a name of its own.`);
    }
    this.#taken.add(`${kind} ${foldName(name)}`);
    return name;
  }

  /** The wanted name as the vault takes it, or with a number. */
  take(kind: 'account' | 'profile', wanted: string): string {
    const clean = vaultName(wanted, 60);
    for (let number = 1; ; number++) {
      const name = number === 1 ? clean : `${clean}-${number}`;
      if (this.#taken.has(`${kind} ${foldName(name)}`)) continue;
      if (this.#things.findByName(kind, name) === undefined) return this.claim(kind, name);
    }
  }
}

/** Without what a name must not have, and short enough for a number behind it. */
function vaultName(text: string, longest: number): string {
  const clean = [...text.replaceAll(/[\p{C}/\\]+/gu, '-').trim()].slice(0, longest).join('').trim();
  return clean === '' ? 'unnamed' : clean;
}
