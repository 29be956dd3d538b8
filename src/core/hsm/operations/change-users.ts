import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { requireTouchFor, type WantedUse } from '../gates/require-touch.ts';
import { booleanOf, type Fields, fieldsOf, integerOf, invalid, oneOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { openPassword } from '../secret-input.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { approvalTouchOf, type QuorumAct } from '../users/acts.ts';
import { touchToChange, withTouch } from '../users/approval-touch.ts';
import { makeCredential, openHeldKey, rewrapHeldKey } from '../users/credential.ts';
import { findUser, newUser, signingKeyOf, userNamed } from '../users/new-user.ts';
import { provePassword } from '../users/prove-password.ts';
import { fingerprintOf, requireReachable, spendToken } from '../users/quorum.ts';
import { MOST_USERS, officersOf, ROLES, type Roster, SERVICES, userNameOf } from '../users/roster.ts';
import { requireOfficer } from '../users/sessions.ts';
import { rosterNow, stage } from '../users/state.ts';
import { kdfOf } from '../vault-input.ts';

const CHANGES = ['add-user', 'remove-user', 'set-quorum', 'set-key-use', 'set-approval-touch'] as const;

type PlannedChange = { act: QuorumAct; apply(roster: Roster): Roster | Promise<Roster> };

export async function changeUsers(state: TokenState, input: unknown): Promise<HsmOutput<'changeUsers'>> {
  const fields = fieldsOf(input, 'input', ['session', 'change']);
  workingKeys(state);
  const before = rosterNow(state);
  const wanted = touchForChange(before, fields['change']);
  // First, because a session is sealed for one call, and this one is repeated after the touch.
  if (wanted !== null) requireTouchFor(state, wanted, input);
  const { user, roster } = await requireOfficer(state, fields['session']);
  if (roster !== before) throw meanwhile();
  const planned = plannedChange(state, fields['change'], roster);
  const next = await planned.apply(spendToken(state, roster, planned.act));
  if (rosterNow(state) !== roster) throw meanwhile();
  return { ...stage(state, next), by: user.name };
}

/** The touch that a change takes; null for none. */
export function touchForChange(roster: Roster, value: unknown): WantedUse | null {
  if (typeof value !== 'object' || value === null || !('do' in value)) throw invalid('change', 'a change');
  return value.do === 'set-approval-touch' ? touchToChange(roster, approvalTouchOf(value, 'change')) : null;
}

export function meanwhile(): KeyholdError {
  return new KeyholdError('InvalidInput', 'The HSM’s users were changed in the meantime. Try again.');
}

function plannedChange(state: TokenState, value: unknown, roster: Roster): PlannedChange {
  if (typeof value !== 'object' || value === null || !('do' in value)) throw invalid('change', 'a change');
  switch (oneOf(value.do, 'change.do', CHANGES)) {
    case 'add-user':
      return adding(
        state,
        fieldsOf(value, 'change', ['do', 'name', 'role', 'password', 'kdf', 'publicKey', 'createdAt']),
        roster,
      );
    case 'remove-user':
      return removing(userNamed(roster, userNameOf(fieldsOf(value, 'change', ['do', 'name'])['name'])).name, roster);
    case 'set-quorum':
      return settingQuorum(fieldsOf(value, 'change', ['do', 'service', 'required']), roster);
    case 'set-key-use': {
      const needsLogin = booleanOf(fieldsOf(value, 'change', ['do', 'needsLogin'])['needsLogin'], 'needsLogin');
      return {
        act: { do: 'set-key-use', needsLogin },
        apply: (before) => ({ ...before, keyUseNeedsLogin: needsLogin }),
      };
    }
    case 'set-approval-touch': {
      const act = approvalTouchOf(value, 'change');
      return { act, apply: (before) => withTouch(before, act) };
    }
  }
}

function adding(state: TokenState, fields: Fields, roster: Roster): PlannedChange {
  const name = userNameOf(fields['name']);
  const role = oneOf(fields['role'], 'role', ROLES);
  const taken = findUser(roster, name);
  if (taken !== undefined) {
    throw new KeyholdError('AlreadyExists', `There is already an HSM user called ${taken.name}; choose another name.`);
  }
  if (roster.users.length >= MOST_USERS) {
    throw new KeyholdError('InvalidInput', `An HSM has at most ${MOST_USERS} users. Remove one first.`);
  }
  const key = signingKeyOf(fields['publicKey']);
  return {
    act: { do: 'add-user', name, role, publicKey: key === null ? null : fingerprintOf(key) },
    apply: async (before) => ({ ...before, users: [...before.users, await newUser(state, fields, role)] }),
  };
}

function removing(name: string, roster: Roster): PlannedChange {
  const rest = roster.users.filter((user) => user.name !== name);
  const officers = officersOf({ ...roster, users: rest }).length;
  if (officers === 0) {
    throw new KeyholdError('InUse', `${name} is the last crypto officer. Add another one first.`, { dependents: [] });
  }
  const most = Math.max(roster.quorum.key, roster.quorum.user);
  if (officers < most) {
    throw new KeyholdError(
      'InUse',
      `The quorum asks for ${most} crypto officers, and without ${name} there are ${officers}. Lower it first, or add an officer.`,
      { dependents: [] },
    );
  }
  return { act: { do: 'remove-user', name }, apply: (before) => ({ ...before, users: rest }) };
}

function settingQuorum(fields: Fields, roster: Roster): PlannedChange {
  const service = oneOf(fields['service'], 'service', SERVICES);
  const required = integerOf(fields['required'], 'required', 0, MOST_USERS);
  requireReachable(roster, required);
  return {
    act: { do: 'set-quorum', service, required },
    apply: (before) => ({ ...before, quorum: { ...before.quorum, [service]: required } }),
  };
}

export async function changeUserPassword(state: TokenState, input: unknown): Promise<HsmOutput<'changeUserPassword'>> {
  const fields = fieldsOf(input, 'input', ['name', 'current', 'next', 'kdf']);
  const name = userNameOf(fields['name']);
  const kdf = kdfOf(fields['kdf']);
  const { vaultId } = workingKeys(state);
  const current = await openPassword(state, fields['current'], 'hsm-password');
  let next: Uint8Array | undefined;
  try {
    const chosen = await openPassword(state, fields['next'], 'hsm-password');
    next = chosen;
    return await state.exclusively(async () => {
      const user = await provePassword(state, name, current);
      const roster = rosterNow(state);
      const held = await openHeldKey(vaultId, user, current);
      try {
        const { publicKey } = user;
        const made = await makeCredential(state, chosen, { vaultId, name: user.name, kdf, publicKey });
        const heldKey = held === null ? null : await rewrapHeldKey(state, vaultId, { ...user, ...made }, chosen, held);
        const users = roster.users.map((one) => (one.name === user.name ? { ...user, ...made, heldKey } : one));
        return stage(state, { ...roster, users });
      } finally {
        wipe(held);
      }
    });
  } finally {
    wipe(current, next);
  }
}
