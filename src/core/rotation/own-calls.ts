/** How far AWS's word on a last use and this computer's clock may be apart. */
export const TOLERANCE_MS = 5 * 60_000;
const MOST = 64;

/**
 * When rotations and their plans have signed with which key: AWS counts that as a use, and it would hide, or look like, a use by another machine. Kept in memory only: what is forgotten
 * leads to a question too many.
 */
export class OwnCalls {
  readonly #times = new Map<string, number[]>();

  note(accessKeyId: string, at: number): void {
    const times = this.#times.get(accessKeyId) ?? [];
    const last = times.at(-1);
    if (last !== undefined && at - last < TOLERANCE_MS / 5) return;
    times.push(at);
    if (times.length > MOST) times.shift();
    this.#times.set(accessKeyId, times);
  }

  /** Whether a use at that time may have been one of them. */
  explain(accessKeyId: string, at: number): boolean {
    return (this.#times.get(accessKeyId) ?? []).some((time) => Math.abs(time - at) <= TOLERANCE_MS);
  }
}
