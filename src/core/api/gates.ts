import { KeyholdError } from '../../contract/errors.ts';
import type { GateEntry } from '../../contract/gates.ts';
import { allGates } from '../gates/all-gates.ts';
import { changeGate } from '../gates/change-gate.ts';
import { gateByNames } from '../gates/gate-by-names.ts';
import { findGated, GATED_KINDS, type GatedThing } from '../gates/gated-things.ts';
import { viewGate } from '../gates/view-gate.ts';
import type { Things } from '../things.ts';
import type { Handlers } from './handler.ts';

export const gateHandlers: Handlers<'gate.set' | 'gate.remove' | 'gate.list'> = {
  'gate.set': async (call, { target, withinSeconds, keys, authorize }) => {
    const things = await call.core.session().need(...GATED_KINDS);
    const gate = gateByNames(things, { withinSeconds, keys });
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
    const session = core.session();
    const gated = await allGates(session);
    return { gates: gated.map((thing) => entryOf(session.things, thing)) };
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
