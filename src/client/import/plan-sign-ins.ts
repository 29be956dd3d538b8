import type { Place } from './aws-role.ts';
import type { FoundSsoSession } from './aws-sso.ts';
import { sameCentre } from './aws-sso.ts';
import { fold, safeName } from './vault-name.ts';

export interface VaultSignIn {
  name: string;
  settings: {
    type: string;
    startUrl?: string | undefined;
    region?: string | undefined;
    scopes?: readonly string[] | undefined;
  };
}

/** An Identity Center that the vault does not have yet. */
export interface PlannedSignIn {
  name: string;
  place: Place;
  startUrl: string;
  region: string;
  scopes: string[];
}

/** Names what is signed in to: as the vault has it, as this import adds it, or with a new name that is free. */
export function createSignInPlanner(
  vault: readonly VaultSignIn[],
  planned: PlannedSignIn[],
  leave: (session: FoundSsoSession, reason: string) => void,
): { nameOf(session: FoundSsoSession): string } {
  const taken = (name: string): boolean => [...vault, ...planned].some((one) => fold(one.name) === fold(name));

  const left = new Set<string>();

  return {
    nameOf(session) {
      const { name, place, where } = session;
      const there = vault.find(
        ({ settings: { type, startUrl, region } }) =>
          type === 'sso' && startUrl !== undefined && region !== undefined && sameCentre({ startUrl, region }, where),
      );
      if (there !== undefined) {
        const { scopes } = there.settings;
        const missing = scopes === undefined ? [] : where.scopes.filter((scope) => !scopes.includes(scope));
        // A profile that names no section asks for nothing of its own.
        if (name !== undefined && missing.length > 0 && !left.has(name)) {
          left.add(name);
          leave(session, `the sign-in ${there.name} of the vault does not ask for ${missing.join(', ')}`);
        }
        return there.name;
      }
      const made = planned.find((one) => sameCentre(one, where));
      if (made !== undefined) {
        // One sign-in for both, which is asked for what either wants.
        made.scopes = [...new Set([...made.scopes, ...where.scopes])];
        return made.name;
      }
      const wanted = safeName(name ?? hostName(where.startUrl)).slice(0, 60);
      let free = wanted;
      for (let number = 2; taken(free); number++) free = `${wanted}-${number}`;
      planned.push({ name: free, place, startUrl: where.startUrl, region: where.region, scopes: [...where.scopes] });
      return free;
    },
  };
}

/** `https://corp.awsapps.com/start` is `corp`. */
function hostName(url: string): string {
  return URL.parse(url)?.hostname.split('.')[0] ?? 'sso';
}
