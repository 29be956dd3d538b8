import { z } from 'zod';
import { Base64, type SlotInfo } from '../../contract/schemas.ts';

const Factor = z.object({
  type: z.enum(['password', 'recovery-code']),
  kdf: z.literal('argon2id'),
  version: z.literal(19),
  memoryKiB: z.int().positive(),
  passes: z.int().positive(),
  parallelism: z.int().positive(),
  salt: Base64,
});

const Descriptor = z.object({
  v: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{16}$/),
  label: z.string().min(1),
  createdAt: z.int().min(0),
  factors: z.array(Factor).min(1),
});
/** A slot's descriptor (docs/format.md, "Slots"), as far as people are shown it. */
export type SlotDescriptor = z.infer<typeof Descriptor>;

/** Null for a slot that this version does not know how to use. Which slots may be used, the HSM decides. */
export function parseSlotDescriptor(bytes: Uint8Array): SlotDescriptor | null {
  try {
    const parsed = Descriptor.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** A slot as the contract shows it; null for one of unknown kind. */
export function slotInfo(bytes: Uint8Array): SlotInfo | null {
  const slot = parseSlotDescriptor(bytes);
  const first = slot?.factors[0];
  if (slot === null || first === undefined) return null;
  return {
    id: slot.id,
    label: slot.label,
    factors: slot.factors.map((factor) => factor.type),
    createdAt: new Date(slot.createdAt).toISOString(),
    kdf: { memoryKiB: first.memoryKiB, passes: first.passes, parallelism: first.parallelism },
  };
}

/** Whether it is a recovery code that this version can use. */
export function isRecoveryCode(descriptor: Uint8Array): boolean {
  return slotInfo(descriptor)?.factors.includes('recovery-code') ?? false;
}
