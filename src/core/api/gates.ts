import { KeyholdError } from '../../contract/errors.ts';
import type { GateEntry } from '../../contract/gates.ts';
import { changeGate } from '../gates/change-gate.ts';
import { touchableKeys } from '../gates/enrolled-keys.ts';
import { allGated, findGated, GATED_KINDS, type GatedThing } from '../gates/gated-things.ts';
import { viewGate } from '../gates/view-gate.ts';
import type { Things } from '../things.ts';
import type { Handlers } from './handler.ts';

export const gateHandlers: Handlers<'gate.set' | 'gate.remove' | 'gate.list'> = {
  'gate.set': async (call, { target, withinSeconds, keys, authorize }) => {
    const things = await call.core.session().need(...GATED_KINDS);
    const gate = { withinSeconds, keys: keys === 'any' ? keys : keys.map((name) => objectOf(things, name)) };
    if (touchableKeys(things).length === 0) {
      throw new KeyholdError('NotFound', 'No security key is enrolled that a touch is enough for. Enrol one first.');
    }
    if (gate.keys !== 'any' && new Set(gate.keys).size !== gate.keys.length) {
      throw new KeyholdError('InvalidInput', 'keys: name each security key once.');
    }
    const before = findGated(things, target).gate;
    const entry = entryOf(things, await changeGate(call, { target, gate, authorize }));
    if (before === undefined) call.core.session().notice('warning', olderCopies(entry.name));
    return entry;
  },

  'gate.remove': async (call, { target, authorize }) => {
    await changeGate(call, { target, gate: null, authorize });
    return {};
  },

  'gate.list': async ({ core }) => {
    const things = await core.session().need(...GATED_KINDS);
    return { gates: allGated(things).map((thing) => entryOf(things, thing)) };
  },
};

function entryOf(things: Things, { kind, name, gate }: GatedThing): GateEntry {
  if (gate === undefined) throw new KeyholdError('NotFound', `${name} wants no touch.`);
  return { kind, name, gate: viewGate(things, gate) };
}

/** The password alone brings them back. */
function olderCopies(name: string): string {
  return `Backups and account files from before have ${name} without its gate. Make a new backup and delete the older ones.`;
}

function objectOf(things: Things, name: string): string {
  const { value } = things.byName('securityKey', name);
  if (value.alwaysPin === true) {
    throw new KeyholdError(
      'InvalidInput',
      `keys: ${value.name} does nothing without its PIN (alwaysUv), which no gate can ask for. Name another key, or set it so that a touch is enough and enrol it again.`,
    );
  }
  if (value.object !== undefined) return value.object.id;
  throw new KeyholdError('InvalidInput', `keys: ${value.name} was enrolled for unlocking alone. Enrol it once more.`);
}
