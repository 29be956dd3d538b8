import type { Attestation } from './attestation.ts';
import type { CredentialStore } from './credentials.ts';
import { concat } from './emulated-device.ts';
import { counterBytes } from './make-credential.ts';

/** U2F raw messages (CTAP 2.1, section 11.1.4, and "FIDO U2F Raw Message Formats"), as APDUs of extended or short length. */
const SW = {
  ok: 0x9000,
  wrongLength: 0x6700,
  conditionsNotSatisfied: 0x6985,
  wrongData: 0x6a80,
  instructionNotSupported: 0x6d00,
  classNotSupported: 0x6e00,
} as const;

const CHECK_ONLY = 0x07;
const ENFORCE = 0x03;
const DO_NOT_ENFORCE = 0x08;

export interface U2fMachine {
  readonly attestation: Attestation;
  readonly store: CredentialStore;
  nextCounter(): number;
  /** Whether the person touches now; U2F never waits, the platform asks again. */
  touchedNow(): boolean;
}

const status = (code: number): Uint8Array => Uint8Array.of(code >> 8, code & 0xff);
const success = (...parts: readonly Uint8Array[]): Uint8Array => concat(...parts, status(SW.ok));

export function u2f(machine: U2fMachine, message: Uint8Array): Uint8Array {
  const [cla, instruction, control] = message;
  if (cla === undefined || instruction === undefined || message.length < 4) return status(SW.wrongLength);
  const data = dataOf(message);
  if (data === null) return status(SW.wrongLength);
  if (cla !== 0) return status(SW.classNotSupported);
  if (instruction === 1) return register(machine, data);
  if (instruction === 2) return authenticate(machine, control ?? 0, data);
  if (instruction === 3) {
    return data.length > 0 ? status(SW.wrongLength) : success(new TextEncoder().encode('U2F_V2'));
  }
  return status(SW.instructionNotSupported);
}

/** The data of an APDU (ISO 7816-4, cases 1 to 4); null when its lengths do not agree. */
function dataOf(message: Uint8Array): Uint8Array | null {
  const rest = message.subarray(4);
  if (rest.length <= 1) return new Uint8Array();
  if (rest[0] === 0) {
    if (rest.length === 3) return new Uint8Array();
    const length = ((rest[1] ?? 0) << 8) | (rest[2] ?? 0);
    const behind = rest.length - 3 - length;
    return behind === 0 || behind === 2 ? rest.subarray(3, 3 + length) : null;
  }
  const length = rest[0] ?? 0;
  const behind = rest.length - 1 - length;
  return behind === 0 || behind === 1 ? rest.subarray(1, 1 + length) : null;
}

function register(machine: U2fMachine, data: Uint8Array): Uint8Array {
  if (data.length !== 64) return status(SW.wrongLength);
  if (!machine.touchedNow()) return status(SW.conditionsNotSatisfied);
  const [challenge, application] = [data.subarray(0, 32), data.slice(32)];
  const { id, key } = machine.store.create({ rpIdHash: application, rpId: null });
  const { point } = key;
  const signature = machine.attestation.sign(concat(Uint8Array.of(0), application, challenge, id, point));
  return success(Uint8Array.of(5), point, Uint8Array.of(id.length), id, machine.attestation.certificate, signature);
}

function authenticate(machine: U2fMachine, control: number, data: Uint8Array): Uint8Array {
  const length = data[64] ?? 0;
  if (data.length < 65 || data.length !== 65 + length) return status(SW.wrongLength);
  const [challenge, application] = [data.subarray(0, 32), data.subarray(32, 64)];
  const credential = machine.store.find(data.subarray(65), application);
  // credProtect is CTAP2's: what demands verification is out of U2F's reach.
  if (credential === undefined || credential.protection === 3 || credential.key.point.length === 0) {
    return status(SW.wrongData);
  }
  if (control === CHECK_ONLY) return status(SW.conditionsNotSatisfied);
  if (control !== ENFORCE && control !== DO_NOT_ENFORCE) return status(SW.wrongData);
  const touched = machine.touchedNow();
  if (control === ENFORCE && !touched) return status(SW.conditionsNotSatisfied);
  const present = Uint8Array.of(touched ? 1 : 0);
  const counter = counterBytes(machine.nextCounter());
  const signature = credential.key.sign(concat(application, present, counter, challenge));
  return success(present, counter, signature);
}
