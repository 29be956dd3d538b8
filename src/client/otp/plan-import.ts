import type { OtpDevice } from '../../contract/totp.ts';
import type { KeyholdClient } from '../client.ts';
import type { OtpEntry } from './entry.ts';
import { foldName, nameFor } from './names.ts';
import type { OtpImport } from './read-import.ts';

/** One entry of an import, and what becomes of it. */
export interface PlannedOtp {
  entry: OtpEntry;
  name: string;
  /** The device that has this very seed already, in the vault or earlier in the same import. */
  twin: string | undefined;
}

/** Names every entry and finds those whose seed is there already: nothing is written. */
export async function planOtpImport(
  client: KeyholdClient,
  { entries }: Pick<OtpImport, 'entries'>,
  devices: readonly OtpDevice[],
): Promise<PlannedOtp[]> {
  const taken = new Set(devices.map(({ name }) => foldName(name)));
  const planned: PlannedOtp[] = [];
  for (const { entry } of entries) {
    const before = planned.find((one) => one.twin === undefined && sameBytes(one.entry.seed, entry.seed));
    const twin = before?.name ?? (devices.length === 0 ? undefined : await holderOf(client, entry));
    const name = nameFor(entry, taken);
    if (twin === undefined) taken.add(foldName(name));
    planned.push({ entry, name, twin });
  }
  return planned;
}

async function holderOf(client: KeyholdClient, { seed }: OtpEntry): Promise<string | undefined> {
  const found = await client.callSealed('totp.matches', async (seal) => ({ seed: await seal('otp-seed', seed) }));
  return found.name ?? undefined;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** Puts one entry into the vault. */
export function addOtp(
  client: KeyholdClient,
  name: string,
  entry: OtpEntry,
  more: { favourite?: boolean; mfaSerial?: string } = {},
): Promise<OtpDevice> {
  const { type, issuer, label, algorithm, digits, period, counter } = entry;
  return client.callSealed('totp.add', async (seal) => ({
    name,
    issuer,
    label,
    type,
    algorithm,
    digits,
    ...(type === 'totp' ? { period } : { counter }),
    ...more,
    seed: await seal('otp-seed', entry.seed),
  }));
}
