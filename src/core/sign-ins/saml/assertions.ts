import { KeyholdError } from '../../../contract/errors.ts';
import { quotedName } from '../../../contract/quoted-name.ts';
import type { SamlRole } from '../../../contract/saml.ts';
import type { Ports } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { signInRequired } from '../sign-in-required.ts';
import type { SamlAssertion } from './saml-assertion.ts';

interface Held {
  /** As it was posted. */
  samlResponse: Uint8Array;
  assertion: SamlAssertion;
  timer: { cancel(): void };
}

/**
 * SAML responses of people who have just signed in, by sign-in: in the memory of this process and nowhere else, until AWS would not take them any more (five minutes at most),
 * the next one, a sign-out or the lock. Until then, one gives sessions of each of its roles.
 */
export class Assertions {
  readonly #session: Session;
  readonly #ports: Ports;
  readonly #held = new Map<string, Held>();

  constructor({ session, ports }: { session: Session; ports: Ports }) {
    this.#session = session;
    this.#ports = ports;
  }

  /** The bytes are its own from now on. */
  hold(signIn: string, samlResponse: Uint8Array, assertion: SamlAssertion): void {
    this.forget(signIn);
    const { clock } = this.#ports;
    const left = Math.max(1, assertion.usableUntil - clock.now());
    this.#held.set(signIn, { samlResponse, assertion, timer: clock.setTimer(left, () => this.forget(signIn)) });
  }

  /** Throws `SignInRequired` where there is none that AWS would take, and `NotFound` where the one that there is does not offer the role. */
  async with<T>(signIn: string, role: SamlRole, use: (samlResponse: Uint8Array) => Promise<T>): Promise<T> {
    const { name } = this.#session.things.must('signIn', signIn);
    const held = this.#held.get(signIn);
    if (held === undefined || held.assertion.usableUntil <= this.#ports.clock.now()) {
      throw signInRequired(name, 'A SAML sign-in gives sessions for five minutes, and the last one is over.');
    }
    const offered = held.assertion.roles.some(
      (one) => one.roleArn === role.roleArn && one.principalArn === role.principalArn,
    );
    if (!offered) {
      throw new KeyholdError(
        'NotFound',
        `The identity provider of ${name} does not offer ${held.assertion.subject} the role ${role.roleArn} through ${role.principalArn}. See keyhold saml roles ${quotedName(name)}, and sign in as somebody who has it.`,
      );
    }
    // A copy: what is held may be wiped while this one is on its way.
    const samlResponse = Uint8Array.from(held.samlResponse);
    try {
      return await use(samlResponse);
    } catch (error) {
      if (!(error instanceof KeyholdError) || error.details?.['name'] !== 'ExpiredTokenException') throw error;
      if (this.#held.get(signIn) === held) this.forget(signIn);
      throw signInRequired(name, 'AWS says that the last SAML sign-in is over.');
    } finally {
      samlResponse.fill(0);
    }
  }

  holds(signIn: string): boolean {
    return this.#held.has(signIn);
  }

  forget(signIn: string): void {
    const held = this.#held.get(signIn);
    if (held === undefined) return;
    held.timer.cancel();
    held.samlResponse.fill(0);
    this.#held.delete(signIn);
  }

  stop(): void {
    for (const signIn of this.#held.keys()) this.forget(signIn);
  }
}
