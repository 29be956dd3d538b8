import type { Session } from '../session.ts';
import { allGated, GATED_KINDS, type GatedThing } from './gated-things.ts';

/** Everything that has a gate, the approval rules of the HSM's users included, which the HSM alone keeps. Reads GATED_KINDS. */
export async function allGates(session: Session): Promise<GatedThing[]> {
  const things = await session.need(...GATED_KINDS);
  const { view } = await session.hsm.call('viewUsers', {});
  const rules = (['key', 'user'] as const).flatMap((name): GatedThing[] => {
    const gate = view?.touch[name] ?? undefined;
    return gate === undefined ? [] : [{ kind: 'approval', name, records: [], gate, objects: [] }];
  });
  return [...allGated(things), ...rules];
}
