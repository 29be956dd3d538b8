import { KeyholdError } from '../../contract/errors.ts';
import type { GateTarget } from '../../contract/gates.ts';
import type { Sealed } from '../../contract/schemas.ts';
import { throttled } from '../api/authorize.ts';
import type { CallContext } from '../api/handler.ts';
import type { Draft } from '../draft.ts';
import type { Gate, HsmOutput, LostKey } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import type { Things } from '../things.ts';
import { findGated, GATED_KINDS, type GatedThing, needsOwnObject } from './gated-things.ts';
import type { KeptGate } from './kept-gate.ts';

type Resealed = HsmOutput<'setGate'>['objects'];

export interface GateChange {
  target: GateTarget;
  /** Null takes it away. */
  gate: Gate | null;
  authorize: { factor: 'recovery-code'; sealed: Sealed } | undefined;
}

/**
 * Changes the gate of something: first the HSM's word on it, which may take a touch, and nothing waits for that; then its records, if nothing has changed meanwhile. Throws
 * `TouchRequired`, `WrongSecret`, `InUse`.
 */
export async function changeGate(call: CallContext, { target, gate, authorize }: GateChange): Promise<GatedThing> {
  const { core, actor } = call;
  const session = core.session();
  const things = await session.need(...GATED_KINDS);
  const before = findGated(things, target);
  if (gate === null && before.gate === undefined) {
    throw new KeyholdError('NotFound', `${before.name} wants no touch; there is nothing to remove.`);
  }
  const lostKey = authorize === undefined ? undefined : { secret: authorize, slots: [...session.vault.slots()] };
  const ask = () => setInHsm(session, before, gate, lostKey);
  const sealed = lostKey === undefined ? await ask() : await throttled(call, 'gate.authorize', ask);
  const changed = await session.write(
    actor,
    async (draft) => {
      const now = findGated(things, target);
      requireUnchanged(session, before, now, sealed);
      const own =
        gate === null ? undefined : await ownObject(session, draft, now, { gate, createdAt: core.ports.clock.now() });
      const ended = gate === null ? now.gate?.object?.id : undefined;
      for (const { id, version, blob } of sealed) if (id !== ended) draft.putObject(id, version, blob);
      if (ended !== undefined) draft.removeObject(ended);
      const kept = gate === null ? undefined : { ...gate, ...(own === undefined ? {} : { object: own }) };
      for (const record of now.records) putGate(draft, things, record, kept);
      draft.record(gate === null ? 'gate.remove' : 'gate.set', now.name, { reason: describe(now, gate, authorize) });
      return () => {
        for (const id of now.objects) {
          session.signingKeys.forget(id);
          session.touches.forget(id);
        }
        return { ...now, gate: kept };
      };
    },
    GATED_KINDS,
  );
  // Shown to the HSM at once, which from then on takes no older version of them.
  if (gate !== null) {
    for (const id of changed.objects) await session.hsm.call('objectInfo', { key: session.objectRef(id) });
  }
  return changed;
}

async function setInHsm(
  session: Session,
  { objects }: GatedThing,
  gate: Gate | null,
  lostKey: LostKey | undefined,
): Promise<Resealed> {
  if (objects.length === 0) return [];
  const input = { objects: session.vault.objectRecords(objects), gate, ...(lostKey === undefined ? {} : { lostKey }) };
  return (await session.hsm.call('setGate', input)).objects;
}

function requireUnchanged(session: Session, before: GatedThing, now: GatedThing, sealed: Resealed): void {
  const same =
    now.objects.length === before.objects.length &&
    now.objects.every((id) => before.objects.includes(id)) &&
    sealed.every(({ id, version }) => session.vault.header(id)?.version === version - 1);
  if (!same) throw new KeyholdError('InUse', `${now.name} was changed at the same time. Try again.`);
}

/** An object that nothing is done with but to ask for the touch, where there is no other in this HSM. */
async function ownObject(
  session: Session,
  draft: Draft,
  thing: GatedThing,
  { gate, createdAt }: { gate: Gate; createdAt: number },
): Promise<KeptGate['object'] | undefined> {
  if (!needsOwnObject(session.things, thing)) return undefined;
  if (thing.gate?.object !== undefined) return thing.gate.object;
  const id = session.newId();
  const { blob } = await session.hsm.call('generateObject', {
    id,
    attributes: {
      ...{ class: 'secret-key', spec: 'GENERIC_SECRET', usage: ['derive'], extractable: false },
      label: `gate of ${thing.name}`.slice(0, 256),
      createdAt,
      policy: { mfa: gate },
    },
  });
  draft.putObject(id, 1, blob);
  return { id };
}

function putGate(
  draft: Draft,
  things: Things,
  { kind, id }: GatedThing['records'][number],
  gate: KeptGate | undefined,
): void {
  switch (kind) {
    case 'accessKey':
      draft.put(kind, id, withGate(things.must(kind, id), gate));
      break;
    case 'profile':
      draft.put(kind, id, withGate(things.must(kind, id), gate));
      break;
    case 'client':
      draft.put(kind, id, withGate(things.must(kind, id), gate));
      break;
    case 'kmsKey':
      draft.put(kind, id, withGate(things.must(kind, id), gate));
      break;
  }
}

function withGate<T extends { gate?: KeptGate | undefined }>(value: T, gate: KeptGate | undefined): T {
  return { ...value, gate };
}

function describe({ kind }: GatedThing, gate: Gate | null, authorize: GateChange['authorize']): string {
  const by = authorize === undefined ? '' : ', by the recovery code';
  if (gate === null) return `${kind}${by}`;
  const when = gate.withinSeconds === 0 ? 'for each use' : `within ${gate.withinSeconds} s`;
  const keys = gate.keys === 'any' ? 'any security key' : `${gate.keys.length} named security keys`;
  return `${kind}: a touch of ${keys} ${when}${by}`;
}
