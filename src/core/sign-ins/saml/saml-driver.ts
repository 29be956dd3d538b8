import { KeyholdError } from '../../../contract/errors.ts';
import type { Actor } from '../../draft.ts';
import type { Found } from '../../things.ts';
import { type SignInDriver, type SignInParts, settingsOf } from '../driver.ts';
import { orAborted } from '../or-aborted.ts';

const PATIENCE_MS = 15 * 60_000;

/** An identity provider that posts an assertion to AWS: what it posts is caught by whoever shows its pages, and delivered here. */
export const samlDriver: SignInDriver = {
  async begin(parts, signIn, flow, signal) {
    const { startUrl } = settingsOf(signIn, 'saml');
    const arrived = Promise.withResolvers<null>();
    return {
      attempt: { flow, url: startUrl, expiresAt: parts.ports.clock.now() + PATIENCE_MS },
      async deliver(samlResponse, actor) {
        await keep(parts, signIn, { samlResponse, actor, signal });
        arrived.resolve(null);
      },
      done: orAborted(signal, arrived.promise),
    };
  },
  // Of SAML, nobody but the identity provider knows who is signed in there.
  async logout() {},
};

/** Holds it, and writes down who signed in and which roles there are. The bytes are wiped, unless they are held. */
async function keep(
  { session, ports, outside }: SignInParts,
  { id, value: { name } }: Found<'signIn'>,
  { samlResponse, actor, signal }: { samlResponse: Uint8Array; actor: Actor; signal: AbortSignal },
): Promise<void> {
  let held = false;
  try {
    const assertion = outside.readSamlResponse(samlResponse, ports.clock.now());
    await session.write(
      actor,
      (draft) => {
        const value = session.things.get('signIn', id);
        if (value === undefined || signal.aborted) {
          throw new KeyholdError('Cancelled', `The sign-in ${name} was changed or called off meanwhile. Try again.`);
        }
        const { subject: who, issuer, roles, usableUntil } = assertion;
        const saml = { who, issuer, roles, usableUntil };
        draft.put('signIn', id, { ...value, signedInAt: ports.clock.now(), saml });
        draft.record('signIn.login', value.name, { reason: `${roles.length} roles for ${who}` });
        return () => {
          session.signIns.assertions.hold(id, samlResponse, assertion);
          held = true;
        };
      },
      ['signIn'],
    );
  } finally {
    if (!held) samlResponse.fill(0);
  }
}
