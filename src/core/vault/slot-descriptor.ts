import { z } from 'zod';
import { Base64, type SlotInfo } from '../../contract/schemas.ts';
import { fromBase64 } from '../crypto/bytes.ts';

const Argon = z.object({
  type: z.enum(['password', 'recovery-code']),
  kdf: z.literal('argon2id'),
  version: z.literal(19),
  memoryKiB: z.int().positive(),
  passes: z.int().positive(),
  parallelism: z.int().positive(),
  salt: Base64,
});
const Fido2 = z.object({
  type: z.literal('fido2'),
  rpId: z.string().min(1).max(253),
  credentialId: bytes(1, 1023),
  publicKey: bytes(1, 2048),
  salt: bytes(32, 32),
  uv: z.boolean(),
});
const Yubikey = z.object({
  type: z.literal('yubikey-hmac-sha1'),
  serial: z.int().min(0).max(0xffff_ffff).nullable(),
  slot: z.literal([1, 2]),
  challenge: bytes(32, 32),
});

const Descriptor = z
  .object({
    v: z.literal(1),
    id: z.string().regex(/^[0-9a-f]{16}$/),
    label: z.string().min(1),
    createdAt: z.int().min(0),
    factors: z.array(z.union([Argon, Fido2, Yubikey])).min(1),
  })
  .refine(({ factors }) => mayBeTogether(factors));
/** A slot's descriptor (docs/format.md, "Slots"), as far as people are shown it and security keys are asked for it. */
export type SlotDescriptor = z.infer<typeof Descriptor>;
export type Fido2Described = z.infer<typeof Fido2>;
export type YubikeyDescribed = z.infer<typeof Yubikey>;

function bytes(least: number, most: number) {
  return z.string().transform((text, context) => {
    const found = fromBase64(text);
    if (found !== null && found.length >= least && found.length <= most) return found;
    context.addIssue('not so many bytes in base64');
    return z.NEVER;
  });
}

/** As the HSM process has it (hsm/slot-factors.ts): what that does not use is no way in. */
function mayBeTogether(factors: readonly { type: string; uv?: boolean }[]): boolean {
  const types = new Set(factors.map(({ type }) => type));
  if (types.size !== factors.length || (types.has('recovery-code') && factors.length > 1)) return false;
  const [only, ...others] = factors;
  return others.length > 0 || only?.type !== 'fido2' || only.uv === true;
}

/** Null for a slot that this version does not know how to use. Which slots may be used, the HSM decides. */
export function parseSlotDescriptor(descriptor: Uint8Array): SlotDescriptor | null {
  try {
    const parsed = Descriptor.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(descriptor)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** A slot as the contract shows it; null for one of unknown kind. */
export function slotInfo(descriptor: Uint8Array): SlotInfo | null {
  const slot = parseSlotDescriptor(descriptor);
  return slot === null ? null : infoOfSlot(slot);
}

export function infoOfSlot(slot: SlotDescriptor): SlotInfo {
  const argon = slot.factors.find((factor) => 'memoryKiB' in factor);
  const fido2 = fido2Of(slot);
  const yubikey = yubikeyOf(slot);
  return {
    id: slot.id,
    label: slot.label,
    factors: slot.factors.map((factor) => factor.type),
    createdAt: new Date(slot.createdAt).toISOString(),
    ...(argon === undefined
      ? {}
      : { kdf: { memoryKiB: argon.memoryKiB, passes: argon.passes, parallelism: argon.parallelism } }),
    ...(fido2 === undefined ? {} : { userVerification: fido2.uv }),
    ...(yubikey === undefined ? {} : { yubikey: { serial: yubikey.serial, otpSlot: yubikey.slot } }),
  };
}

export function fido2Of({ factors }: SlotDescriptor): Fido2Described | undefined {
  return factors.find((factor) => factor.type === 'fido2');
}

export function yubikeyOf({ factors }: SlotDescriptor): YubikeyDescribed | undefined {
  return factors.find((factor) => factor.type === 'yubikey-hmac-sha1');
}

/** Whether it is a recovery code that this version can use. */
export function isRecoveryCode(descriptor: Uint8Array): boolean {
  return slotInfo(descriptor)?.factors.includes('recovery-code') ?? false;
}
