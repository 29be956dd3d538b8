import type { HsmRole, HsmUserInfo, HsmUsers, QuorumTokenInfo } from '../../contract/hsm-users.ts';
import type { Cli } from '../cli.ts';
import { gateWords } from '../gate-words.ts';
import { facts, table } from '../table.ts';
import { age, count, relativeTime } from '../words.ts';

export const ROLE_WORDS: Readonly<Record<HsmRole, string>> = {
  'crypto-officer': 'crypto officer',
  'crypto-user': 'crypto user',
};

const NOBODY =
  'This HSM has no users: the owner of the vault does everything.\nMake the first crypto officer with keyhold hsm users init NAME.\n';

export function usersText(all: HsmUsers, cli: Cli): string {
  if (all.users.length === 0) return NOBODY;
  const list = table(
    [
      { title: 'Name' },
      { title: 'Role', fixed: true },
      { title: 'Signs with' },
      { title: 'Logged in', fixed: true },
      { title: 'Age', align: 'right', fixed: true },
    ],
    all.users.map((user) => [
      user.name,
      ROLE_WORDS[user.role],
      signingWords(user),
      user.sessions === 0 ? 'no' : 'yes',
      age(user.createdAt, cli.now()),
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
  const who = all.who === null ? 'Nobody is logged in here.' : `Logged in here: ${all.who.name}.`;
  return `${list}\n${who}\n`;
}

/** Said when users are made and when a quorum is set: codes made before that still count. */
export function recoveryCodesText(codes: number): string {
  if (codes === 0)
    return 'The vault has no recovery code: nobody can remove its HSM users when their passwords are lost.\n';
  return `The vault has ${count(codes, 'recovery code', 'recovery codes')}. Whoever has one can remove all HSM users and their quorum: see keyhold vault slot list.\n`;
}

function touchWords(touch: HsmUsers['touch']['key']): string {
  return touch === null ? 'none' : gateWords(touch);
}

function oneOr(rule: (required: number) => string, required: number): string {
  return required === 0 ? 'any one officer' : rule(required);
}

function signingWords({ signing }: HsmUserInfo): string {
  if (signing === null) return '';
  return signing.key === 'held' ? 'a key kept here' : `own key ${signing.fingerprint.slice(0, 16)}`;
}

export function quorumText(all: HsmUsers, cli: Cli): string {
  if (all.users.length === 0) return NOBODY;
  const officers = all.users.filter(({ role }) => role === 'crypto-officer').length;
  const rule = (required: number): string =>
    required === 0 ? 'no approval needed' : `${required} of ${officers} crypto officers`;
  const policy = facts([
    ['Destroying and exporting keys', rule(all.quorum.key)],
    ['Managing crypto users', oneOr(rule, all.quorum.user)],
    // Who makes officers or sets a quorum could have any quorum: the higher one decides.
    ['Managing officers, the quorum', oneOr(rule, Math.max(all.quorum.user, all.quorum.key))],
    ['Touch to approve keys', touchWords(all.touch.key)],
    ['Touch to approve users', touchWords(all.touch.user)],
    ['Using KMS keys', all.keyUseNeedsLogin ? 'while a crypto user is logged in' : 'whenever the vault is unlocked'],
    ['Recovery codes, past the quorum', String(all.recoveryCodes)],
    ['Approved, waiting to be destroyed', String(all.released)],
  ]);
  if (all.tokens.length === 0) return `${policy}\nNo token waits for approval.\n`;
  const tokens = table(
    [
      { title: 'Token', fixed: true },
      { title: 'For' },
      { title: 'Asked by' },
      { title: 'Approved by' },
      { title: 'Expires', fixed: true },
    ],
    all.tokens.map((token) => [
      token.id.slice(0, 8),
      token.description,
      token.createdBy,
      approvalWords(token),
      relativeTime(token.expiresAt, cli.now()),
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
  return `${policy}\n${tokens}`;
}

function approvalWords({ approvals, required }: QuorumTokenInfo): string {
  const count = `${approvals.length} of ${required}`;
  return approvals.length === 0 ? count : `${count}: ${approvals.map(({ user }) => user).join(', ')}`;
}

/** After an approval: what is missing, or that it can be done. */
export function tokenText(token: QuorumTokenInfo): string {
  const missing = token.required - token.approvals.length;
  const next = missing > 0 ? `${missing} more needed.` : 'It can be done now, once.';
  return `Token ${token.id.slice(0, 8)}, to ${token.description}: approved by ${approvalWords(token)}. ${next}\n`;
}
