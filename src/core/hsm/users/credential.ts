import { openWithNonce, sealWithNonce } from '../../crypto/aead.ts';
import { concat, utf8 } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import { ARGON2_FLOOR, ARGON2_SALT_BYTES, argon2id, hkdfSha256 } from '../../crypto/kdf.ts';
import { secretKey } from '../../crypto/secret-key.ts';
import { wipe } from '../../crypto/wipe.ts';
import { KEY_PAIRS } from '../algorithms/key-pairs.ts';
import type { Argon2Params } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import type { Credential, HsmUser } from './roster.ts';

const LABEL = 'keyhold/v1/hsm-user';
const OUTPUT_BYTES = 32;

/** What comes of a password: docs/format.md, "HSM users". Wiped by the caller. */
interface Derived {
  verifier: Uint8Array;
  wrap: Uint8Array;
}

async function derive(password: Uint8Array, salt: Uint8Array, kdf: Argon2Params): Promise<Derived> {
  const output = await argon2id(password, salt, kdf);
  try {
    const part = (purpose: string): Uint8Array => hkdfSha256(output, salt, utf8(`${LABEL}/${purpose}`), OUTPUT_BYTES);
    return { verifier: part('verifier'), wrap: part('key') };
  } finally {
    wipe(output);
  }
}

function aadOf(vaultId: Uint8Array, name: string): Uint8Array {
  return concat(utf8(`${LABEL}/key`), vaultId, utf8(name));
}

export interface NewCredential {
  vaultId: Uint8Array;
  name: string;
  kdf: Argon2Params;
  /** The officer's own; `held`: one is made here and kept under the password; null: none, for crypto users. */
  publicKey: Uint8Array | 'held' | null;
}

/** Spends one Argon2id; call it exclusively. */
export async function makeCredential(
  { ports: { random } }: TokenState,
  password: Uint8Array,
  { vaultId, name, kdf, publicKey }: NewCredential,
): Promise<Credential> {
  const salt = random.bytes(ARGON2_SALT_BYTES);
  const { verifier, wrap } = await derive(password, salt, kdf);
  try {
    if (publicKey !== 'held') return { kdf, salt, verifier, publicKey, heldKey: null };
    const material = await KEY_PAIRS.EC_P256.generate(random);
    try {
      const { spki } = KEY_PAIRS.EC_P256.privateKey(material);
      const heldKey = sealWithNonce(secretKey(wrap), random, aadOf(vaultId, name), material);
      return { kdf, salt, verifier, publicKey: spki, heldKey };
    } finally {
      wipe(material);
    }
  } finally {
    wipe(wrap);
  }
}

/** Whether this is the user's password; takes as long for a user who is not there. Call it exclusively. */
export async function checkPassword(
  state: TokenState,
  user: HsmUser | undefined,
  kdf: Argon2Params,
  password: Uint8Array,
): Promise<boolean> {
  const salt = user?.salt ?? state.ports.random.bytes(ARGON2_SALT_BYTES);
  const derived = await derive(password, salt, user?.kdf ?? kdf);
  try {
    return user !== undefined && equal(derived.verifier, user.verifier);
  } finally {
    wipe(derived.verifier, derived.wrap);
  }
}

/** The cost that a user who is not there is checked with: that of the others. */
export function usualCost(users: readonly HsmUser[]): Argon2Params {
  return users[0]?.kdf ?? ARGON2_FLOOR;
}

/** The private key kept for this user, PKCS#8, the caller's to wipe; null when there is none or it is another's password. */
export async function openHeldKey(
  vaultId: Uint8Array,
  user: HsmUser,
  password: Uint8Array,
): Promise<Uint8Array | null> {
  if (user.heldKey === null) return null;
  const derived = await derive(password, user.salt, user.kdf);
  try {
    return openWithNonce(secretKey(derived.wrap), aadOf(vaultId, user.name), user.heldKey);
  } finally {
    wipe(derived.verifier, derived.wrap);
  }
}

/** The same private key under a new password, whose credential `user` already has. */
export async function rewrapHeldKey(
  { ports: { random } }: TokenState,
  vaultId: Uint8Array,
  user: HsmUser,
  password: Uint8Array,
  material: Uint8Array,
): Promise<Uint8Array> {
  const derived = await derive(password, user.salt, user.kdf);
  try {
    return sealWithNonce(secretKey(derived.wrap), random, aadOf(vaultId, user.name), material);
  } finally {
    wipe(derived.verifier, derived.wrap);
  }
}
