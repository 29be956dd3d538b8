import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/schemas.ts';
import { hexId } from '../draft.ts';
import type { ObjectRef, SealedBlob } from '../hsm/protocol.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Thing, Things } from '../things.ts';
import { checkModule } from '../tokens/check-module.ts';
import { withPinOf } from '../tokens/pin-turn.ts';
import { tokenOf } from '../tokens/settle-pin.ts';
import type { CallContext, Handler } from './handler.ts';
import { viewToken } from './view-token.ts';

/** Logs in once, which shows that module, label and PIN are right, and only then writes anything. */
export const addToken: Handler<'token.add'> = async (call, input) => {
  const { core, actor } = call;
  requireCommandLine(call);
  const session = core.session();
  const things = await session.need('hsmToken');
  things.assertFree('hsmToken', input.name);
  const environment = input.environment ?? {};
  const place = { module: input.module, environment, label: input.label, serial: input.serial ?? null };
  checkModule(place);
  const pin = await importPin(core.ports, session, input.pin, input.name);
  const { token } = await session.tokens.loginOnce(place, { pin: pin.ref, finalTry: input.finalTry ?? false });
  const id = hexId(core.ports);
  const value: Thing<'hsmToken'> = {
    name: input.name,
    module: input.module,
    environment,
    label: token.label,
    serial: input.anySerial === true ? null : token.serial,
    pin: { id: pin.ref.id },
    createdAt: core.ports.clock.now(),
  };
  return session.write(
    actor,
    (draft) => {
      things.assertFree('hsmToken', input.name);
      assertOnlyOne(things, value);
      draft.putObject(pin.ref.id, 1, pin.blob);
      draft.put('hsmToken', id, value);
      draft.record('token.add', input.name, { reason: `${token.label} (${token.serial}) in ${input.module}` });
      return () => viewToken(session, { id, value });
    },
    ['hsmToken', 'kmsKeyStore'],
  );
};

export const setTokenPin: Handler<'token.setPin'> = async ({ core, actor }, input) => {
  const session = core.session();
  const things = await session.need('hsmToken', 'kmsKeyStore');
  const { id } = things.byName('hsmToken', input.name);
  return withPinOf(session, id, async () => {
    const before = tokenOf(session, id);
    const pin = await importPin(core.ports, session, input.pin, before.name);
    await session.tokens.tryPin(id, { pin: pin.ref, finalTry: input.finalTry ?? false });
    const value = await session.write(
      actor,
      (draft) => {
        const value = tokenOf(session, id);
        const next = omitUndefined({ ...value, pin: { id: pin.ref.id }, pinRefusedAt: undefined, nextPin: undefined });
        draft.removeObject(value.pin.id);
        if (value.nextPin !== undefined) draft.removeObject(value.nextPin.pin.id);
        draft.putObject(pin.ref.id, 1, pin.blob);
        draft.put('hsmToken', id, next);
        draft.record('token.set-pin', value.name);
        return () => next;
      },
      ['hsmToken', 'kmsKeyStore'],
    );
    await session.tokens.forget(id);
    return viewToken(session, { id, value });
  });
};

/** Naming a module is naming code to run, which a page that was taken over must not be able to do. */
export function requireCommandLine({ actor }: CallContext): void {
  if (actor === 'cli') return;
  throw new KeyholdError(
    'Unauthorized',
    'A PKCS#11 module is a program that Keyhold runs, so only the command line may name one: `keyhold hsm token add`.',
  );
}

/** A new object with the PIN, not written yet: the HSM takes it from the reference. */
export async function importPin(
  ports: Ports,
  session: Session,
  sealed: Sealed,
  label: string,
): Promise<{ ref: ObjectRef; blob: SealedBlob }> {
  const { attributes, blob } = await session.hsm.call('importObject', {
    id: hexId(ports),
    sealed,
    purpose: 'token-pin',
    attributes: {
      class: 'secret-key',
      spec: 'TOKEN_PIN',
      usage: [],
      extractable: false,
      label,
      createdAt: ports.clock.now(),
      policy: {},
    },
  });
  return { ref: { id: attributes.id, version: 1, blob }, blob };
}

/** Two names for one token would try its PIN twice. */
function assertOnlyOne(things: Things, { module, label, serial }: Thing<'hsmToken'>): void {
  const twin = things
    .all('hsmToken')
    .find(({ value }) => value.module === module && value.label === label && value.serial === serial);
  if (twin === undefined) return;
  throw new KeyholdError('AlreadyExists', `This token is in the vault already, as ${twin.value.name}.`, {
    kind: 'hsmToken',
    name: twin.value.name,
  });
}
