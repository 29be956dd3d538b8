import { onNobodysBehalf } from '../gates/touch-call.ts';

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

  isUnderWay(signIn: string): boolean {
    return this.#flights.has(signIn);
  }
}
