import type { Policy } from '../iam/index.ts';
import { parseKeyPolicy } from './key-policy.ts';
import type { KmsKey } from './records.ts';

/** Policies kept as they were read. Most keys have one of a few, and each takes some kilobytes. */
const MOST_POLICIES = 256;

/** The key policies of one unlocked vault, each read once for all keys with the same text; those used last stay. */
export class PolicyCache {
  readonly #read = new Map<string, Policy<'resource'>>();
  /** The one that was asked for last is where it belongs. */
  #newest: { text: string; policy: Policy<'resource'> } | undefined;

  of({ policy: text }: Pick<KmsKey, 'policy'>): Policy<'resource'> {
    if (this.#newest?.text === text) return this.#newest.policy;
    const policy = this.#read.get(text) ?? parseKeyPolicy(text);
    this.#newest = { text, policy };
    this.#read.delete(text);
    this.#read.set(text, policy);
    if (this.#read.size > MOST_POLICIES) {
      for (const oldest of this.#read.keys()) {
        this.#read.delete(oldest);
        break;
      }
    }
    return policy;
  }
}
