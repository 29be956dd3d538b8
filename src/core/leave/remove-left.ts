import type { Draft } from '../draft.ts';
import type { Found, Thing, Things } from '../things.ts';

/** The objects that credentials which left are kept in. */
function leftObjects({ secret, token }: Thing<'leftSession'>): string[] {
  return [secret, token].flatMap((one) => (one === undefined ? [] : [one.id]));
}

/** Drafts that what was got for a profile's tools is handed out no more. What is outside stays good until its end, and on the list. Answers whether there was any that had not ended at `now`. */
export function forgetLeft(
  draft: Draft,
  things: Things,
  profile: string,
  { now = 0, except }: { now?: number; except?: string | undefined } = {},
): boolean {
  const kept = leftOf(things, profile).filter(
    ({ id, value }) => id !== except && value.secret !== undefined && value.expiresAt > now,
  );
  for (const { id, value } of kept) {
    const { secret: _secret, token: _token, ...rest } = value;
    for (const object of leftObjects(value)) draft.removeObject(object);
    // What has never left is of no interest to anybody.
    if (value.ways.length === 0) draft.remove('leftSession', id);
    else draft.put('leftSession', id, rest);
  }
  return kept.length > 0;
}

/** Drafts the end of all that is known of what left for a profile that goes. */
export function removeLeft(draft: Draft, things: Things, profile: string): void {
  for (const one of leftOf(things, profile)) dropLeft(draft, one);
}

export function dropLeft(draft: Draft, { id, value }: Found<'leftSession'>): void {
  draft.remove('leftSession', id);
  for (const object of leftObjects(value)) draft.removeObject(object);
}

export function leftOf(things: Things, profile: string): Found<'leftSession'>[] {
  return things.all('leftSession').filter(({ value }) => value.profile === profile);
}

/** Nothing works any more with what has ended, and nobody wants to see it. */
export function forgetEnded(draft: Draft, things: Things, now: number): void {
  for (const one of things.all('leftSession')) if (one.value.expiresAt <= now) dropLeft(draft, one);
}
