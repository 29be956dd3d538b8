import { KeyholdError } from '../../contract/errors.ts';
import { onNobodysBehalf } from '../gates/touch-call.ts';

/** A token that ends this soon is renewed before it is used: a request takes its time to arrive. */
export const LAST_MS = 60_000;

/** Renewals that are under way, one a sign-in for all who want it; on nobody's behalf, because no key of the vault signs them and no gate is asked. */
export class Renewals {
  readonly #flights = new Map<string, Promise<void>>();

  run(signIn: string, renew: () => Promise<void>): Promise<void> {
    const under = this.#flights.get(signIn);
    if (under !== undefined) return under;
    const flight = onNobodysBehalf(renew).finally(() => this.#flights.delete(signIn));
    this.#flights.set(signIn, flight);
    return flight;
  }

  /** Renews what is good for so many milliseconds where that is no more than its last minute. In that minute it is still used where the other side cannot be reached. */
  async inTime(signIn: string, left: number, renew: () => Promise<void>): Promise<void> {
    if (left > LAST_MS) return;
    try {
      await this.run(signIn, renew);
    } catch (error) {
      const passing = error instanceof KeyholdError && ['Unreachable', 'Timeout'].includes(error.code);
      if (!passing || left <= 0) throw error;
    }
  }

  isUnderWay(signIn: string): boolean {
    return this.#flights.has(signIn);
  }
}
