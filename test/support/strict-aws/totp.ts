import { createHmac, randomBytes } from 'node:crypto';

const STEP_MS = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A virtual MFA device as AWS keeps it: the seed, and the last step whose code was taken. */
export interface StrictDevice {
  serialNumber: string;
  userName: string;
  enabledAt: number;
  seed: Buffer;
  /** The seed as an authenticator takes it. */
  base32: string;
  lastStep: number;
  codeAt(time: number): string;
}

export function createDevice(
  serialNumber: string,
  userName: string,
  enabledAt: number,
  seed: Buffer = randomBytes(20),
): StrictDevice {
  return {
    serialNumber,
    userName,
    enabledAt,
    seed,
    base32: base32(seed),
    lastStep: -1,
    codeAt: (time) => codeOf(seed, Math.floor(time / STEP_MS)),
  };
}

/** Takes a code once: of the step that runs, the one before or the one after, and never of a step that is not later than the last taken. */
export function takeCode(device: StrictDevice, code: string, now: number): boolean {
  const running = Math.floor(now / STEP_MS);
  for (const step of [running, running - 1, running + 1]) {
    if (step <= device.lastStep || codeOf(device.seed, step) !== code) continue;
    device.lastStep = step;
    return true;
  }
  return false;
}

/** RFC 6238 with SHA-1 and six digits, written out: the vault's own arithmetic is what is tested. */
function codeOf(seed: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', seed).update(counter).digest();
  const at = (mac[19] ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)] ?? '').join('');
}
