import type { Draft } from '../draft.ts';
import type { Things } from '../things.ts';
import { objectsOf } from './obtain-session.ts';

/** Drafts the end of a profile's temporary credentials here; false where there are none. */
export function removeSession(draft: Draft, things: Things, profile: string): boolean {
  const found = things.sessionOf(profile);
  if (found === undefined) return false;
  draft.remove('awsSession', found.id);
  for (const object of [...objectsOf(found.value), ...objectsOf(found.value.previous)]) draft.removeObject(object);
  return true;
}
