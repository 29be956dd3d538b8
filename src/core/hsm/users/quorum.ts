import { KeyholdError } from '../../../contract/errors.ts';
import { toHex, utf8 } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { KEY_PAIRS } from '../algorithms/key-pairs.ts';
import type { HsmUsersView, QuorumService, QuorumTokenView } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { workingKeys } from '../state.ts';
import { covers, decidesWhoApproves, type QuorumAct, serviceOf, signedForm } from './acts.ts';
import { gateOfAct, isTouched } from './approval-touch.ts';
import { officersOf, type QuorumToken, type Roster } from './roster.ts';
import { liveSessions } from './sessions.ts';

/** How many officers have to approve an act; 0: none. */
export function requiredFor(roster: Roster, act: QuorumAct): number {
  const { quorum } = roster;
  const most = Math.max(quorum.user, quorum.key);
  // Who has a recovery code can remove all users. One officer alone makes one only where no decision takes two, or a touch.
  if (act.do === 'make-recovery-code') return most > 1 || gateOfAct(roster, act) !== undefined ? most : 0;
  return decidesWhoApproves(roster, act) ? most : quorum[serviceOf(act)];
}

/** Throws `InvalidInput` for a quorum of more officers than there are. */
export function requireReachable(roster: Roster, required: number): void {
  const officers = officersOf(roster).length;
  if (required <= officers) return;
  throw new KeyholdError(
    'InvalidInput',
    `required: there are ${officers} crypto officers, so a quorum of ${required} could never be reached.`,
  );
}

/** Approvals of users who are officers now, each counted once, with the touch that the rule wants now. */
export function validApprovals(roster: Roster, token: QuorumToken): QuorumToken['approvals'] {
  const officers = new Map(officersOf(roster).map((one) => [one.name, one.createdAt]));
  // An officer's successor of the same name has approved nothing.
  const gate = gateOfAct(roster, token.act);
  return token.approvals.filter(
    (one) => (officers.get(one.user) ?? Number.POSITIVE_INFINITY) <= one.at && isTouched(gate, one),
  );
}

function isApproved(roster: Roster, token: QuorumToken, now: number): boolean {
  return token.expiresAt > now && validApprovals(roster, token).length >= requiredFor(roster, token.act);
}

const SERVICE_WORDS: Readonly<Record<QuorumService, string>> = {
  key: 'to destroy or export key material',
  user: 'to change its users and its quorum',
};

/** The roster without the token that this act uses up. Throws `QuorumRequired`. */
export function spendToken(state: TokenState, roster: Roster, act: QuorumAct): Roster {
  const required = requiredFor(roster, act);
  if (required === 0) return roster;
  const now = state.ports.clock.now();
  const token = roster.tokens.find((one) => covers(one.act, act) && isApproved(roster, one, now));
  if (token !== undefined) return { ...roster, tokens: roster.tokens.filter((one) => one !== token) };
  const service = serviceOf(act);
  const what = act.do === 'make-recovery-code' ? 'to make a recovery code' : SERVICE_WORDS[service];
  const officers = officersOf(roster).length;
  const pending = roster.tokens.find((one) => covers(one.act, act) && one.expiresAt > now);
  const next =
    pending === undefined
      ? 'Ask for it with `keyhold hsm quorum token create`, have it approved, and try again.'
      : `Token ${pending.id.slice(0, 8)} for it has ${validApprovals(roster, pending).length}: approve it with \`keyhold hsm quorum approve\`, and try again.`;
  throw new KeyholdError(
    'QuorumRequired',
    `This HSM asks for the approval of ${required} of its ${officers} crypto officers ${what}. ${next}`,
    { service, required, officers, ...(pending === undefined ? {} : { token: pending.id }) },
  );
}

/** What officers sign: text that says what it is for, for this vault alone. */
export function messageOf(vaultId: Uint8Array, token: QuorumToken): Uint8Array {
  return utf8(
    [
      'Keyhold quorum token 1',
      `vault ${toHex(vaultId)}`,
      `token ${token.id}`,
      `expires ${new Date(token.expiresAt).toISOString()}`,
      `for ${signedForm(token.act)}`,
      '',
    ].join('\n'),
  );
}

/** RSA-2048 (PKCS#1 v1.5) or P-256 (DER), both with SHA-256: what `openssl dgst -sha256 -sign` makes. */
export function verifiesToken(
  { vaultId }: { vaultId: Uint8Array },
  token: QuorumToken,
  publicKey: Uint8Array,
  signature: Uint8Array,
): boolean {
  const message = messageOf(vaultId, token);
  const rsa = KEY_PAIRS.RSA_2048.publicKey(publicKey);
  if (rsa !== null) {
    const toSign = { algorithm: 'RSASSA_PKCS1_V1_5_SHA_256', messageType: 'RAW', message } as const;
    return rsa.verify?.(toSign, signature) ?? false;
  }
  const ec = KEY_PAIRS.EC_P256.publicKey(publicKey);
  return ec?.verify?.({ algorithm: 'ECDSA_SHA_256', messageType: 'RAW', message }, signature) ?? false;
}

/** The signature of a key that is kept here. */
export async function signToken(
  state: TokenState,
  token: QuorumToken,
  material: Uint8Array,
): Promise<Uint8Array | undefined> {
  const message = messageOf(workingKeys(state).vaultId, token);
  const key = KEY_PAIRS.EC_P256.privateKey(material);
  return key.sign?.({ algorithm: 'ECDSA_SHA_256', messageType: 'RAW', message }, state.ports.random);
}

export function isSigningKey(publicKey: Uint8Array): boolean {
  return KEY_PAIRS.RSA_2048.publicKey(publicKey) !== null || KEY_PAIRS.EC_P256.publicKey(publicKey) !== null;
}

export function fingerprintOf(publicKey: Uint8Array): string {
  return toHex(sha256(publicKey));
}

export function viewToken(state: TokenState, roster: Roster, token: QuorumToken): QuorumTokenView {
  return {
    id: token.id,
    service: serviceOf(token.act),
    act: signedForm(token.act),
    createdBy: token.createdBy,
    createdAt: token.createdAt,
    expiresAt: token.expiresAt,
    required: requiredFor(roster, token.act),
    approvals: validApprovals(roster, token).map(({ user, at }) => ({ user, at })),
    message: messageOf(workingKeys(state).vaultId, token),
  };
}

export function viewRoster(state: TokenState, roster: Roster): HsmUsersView {
  const sessions = liveSessions(state);
  const now = state.ports.clock.now();
  return {
    users: roster.users.map(({ name, role, createdAt, publicKey, heldKey }) => ({
      name,
      role,
      createdAt,
      signing:
        publicKey === null ? null : { key: heldKey === null ? 'own' : 'held', fingerprint: fingerprintOf(publicKey) },
      sessions: sessions.filter((one) => one.user === name).length,
    })),
    quorum: { ...roster.quorum },
    touch: { key: roster.touch.key ?? null, user: roster.touch.user ?? null },
    keyUseNeedsLogin: roster.keyUseNeedsLogin,
    tokens: roster.tokens.filter(({ expiresAt }) => expiresAt > now).map((one) => viewToken(state, roster, one)),
    released: roster.releases.length,
  };
}
