import { createHmac } from 'node:crypto';
import type { Clock } from '../../src/core/ports.ts';
import { concat, type DeviceDescription, type EmulatedDevice } from './emulated-device.ts';

/**
 * The OTP interface of a YubiKey (firmware 5): frames of 70 bytes in feature reports of 7 bytes and a sequence number, as Yubico's own
 * libraries speak it. Slots answer HMAC-SHA1 challenges and can be programmed.
 */
export interface YubiKeyOptions {
  clock: Clock;
  serial?: number;
  description?: Partial<DeviceDescription>;
  slots?: Partial<Record<1 | 2, SlotOptions>>;
  /** How long a touch is awaited. */
  touchTimeout?: number;
}

interface SlotOptions {
  /** 20 bytes. */
  key: Uint8Array;
  touch?: boolean;
  /** False where the slot takes all 64 bytes of a challenge, pad included. */
  variableLength?: boolean;
}

export interface YubiKey extends EmulatedDevice {
  readonly control: {
    touch: 'approve' | 'delay' | 'never';
    touchDelay: number | null;
    press(): void;
  };
  readonly state: { readonly awaitsTouch: boolean; readonly responses: number; readonly programmed: number };
}

const COMMAND = {
  configure1: 0x01,
  configure2: 0x03,
  swap: 0x06,
  serial: 0x10,
  capabilities: 0x13,
  hmac1: 0x30,
  hmac2: 0x38,
} as const;

const PART = 7;
const PAYLOAD = 64;
const FRAME = 70;
const LAST_PART = 9;
const WRITE = 0x80;
const RESPONSE = 0x40;
const WAITS = 0x20;
const NUMBER = 0x1f;
const TOUCH_TIMEOUT = 15_000;
const TKT_CHALLENGE_RESPONSE = 0x40;
const CFG_HMAC = 0x22;
const CFG_VARIABLE_LENGTH = 0x04;
const CFG_TOUCH = 0x08;
const CRC_OK = 0xf0b8;
const CONFIGURATION = 52;
const VERSION = [5, 4, 3] as const;

/** A boot keyboard with a feature report of 8 bytes. */
const REPORT_DESCRIPTOR = Uint8Array.from(
  Buffer.from(
    '05010906a101050719e029e715002501750195088102950175088101950575010508190129059102950175039103' +
      '95067508150025650507190029658100090375089508b102c0',
    'hex',
  ),
);

/** CRC-16 of ISO 13239, without the final complement. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  }
  return crc;
}

interface Slot {
  key: Uint8Array;
  touch: boolean;
  variableLength: boolean;
  accessCode: Uint8Array;
}

export function createYubiKey(options: YubiKeyOptions): YubiKey {
  const { clock } = options;
  const serial = options.serial ?? 10_203_040;
  let slots: [Slot | null, Slot | null] = [slotFrom(options.slots?.[1]), slotFrom(options.slots?.[2])];
  let frame = new Uint8Array(FRAME);
  let answer: Uint8Array[] = [];
  let waiting: { run(): void; since: number; until: number } | null = null;
  let sequence = slots.some((slot) => slot !== null) ? 1 : 0;
  let responses = 0;
  let programmed = 0;
  let powered = true;

  const control: YubiKey['control'] = {
    touch: 'approve',
    touchDelay: null,
    press() {
      const run = waiting?.run;
      waiting = null;
      run?.();
    },
  };

  function respond(bytes: Uint8Array): void {
    const crc = 0xffff & ~crc16(bytes);
    const whole = concat(bytes, Uint8Array.of(crc & 0xff, crc >> 8));
    for (let at = 0, number = 0; at < whole.length; at += PART, number++) {
      const part = new Uint8Array(PART + 1);
      part.set(whole.subarray(at, at + PART));
      part[PART] = RESPONSE | number;
      answer.push(part);
    }
    answer.push(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, RESPONSE));
  }

  function challenge(index: 0 | 1, payload: Uint8Array): void {
    const slot = slots[index];
    if (slot === null) return;
    const respondNow = (): void => {
      responses += 1;
      respond(hmacOf(slot, payload));
    };
    if (slot.touch && control.touch !== 'approve') {
      const now = clock.monotonic();
      waiting = { run: respondNow, since: now, until: now + (options.touchTimeout ?? TOUCH_TIMEOUT) };
    } else {
      respondNow();
    }
  }

  function configure(index: 0 | 1, payload: Uint8Array): void {
    const configuration = payload.subarray(0, CONFIGURATION);
    const accessCode = payload.subarray(CONFIGURATION, CONFIGURATION + 6);
    const held = slots[index];
    if (held !== null && Buffer.compare(held.accessCode, accessCode) !== 0) return;
    const empty = configuration.every((byte) => byte === 0);
    if (!empty && crc16(configuration) !== CRC_OK) return;
    slots[index] = empty ? null : parseConfiguration(configuration);
    programmed += 1;
    sequence = slots.every((slot) => slot === null) ? 0 : sequence + 1;
  }

  function execute(): void {
    const payload = frame.slice(0, PAYLOAD);
    const command = frame[PAYLOAD] ?? 0;
    const crc = (frame[PAYLOAD + 1] ?? 0) | ((frame[PAYLOAD + 2] ?? 0) << 8);
    frame = new Uint8Array(FRAME);
    if (crc !== crc16(payload)) return;
    if (command === COMMAND.hmac1) challenge(0, payload);
    else if (command === COMMAND.hmac2) challenge(1, payload);
    else if (command === COMMAND.configure1) configure(0, payload);
    else if (command === COMMAND.configure2) configure(1, payload);
    else if (command === COMMAND.serial) respond(numberBytes(serial));
    else if (command === COMMAND.capabilities) respond(capabilities(serial));
    else if (command === COMMAND.swap) {
      slots = [slots[1], slots[0]];
      sequence += 1;
    }
  }

  function idle(): Uint8Array {
    const [one, two] = slots;
    const valid =
      (one === null ? 0 : 0x01) | (two === null ? 0 : 0x02) | (one?.touch ? 0x04 : 0) | (two?.touch ? 0x08 : 0);
    return Uint8Array.of(0, ...VERSION, sequence, valid, 0, 0);
  }

  return {
    description: {
      vendorId: 0x1050,
      productId: 0x0401,
      manufacturer: 'Yubico',
      product: 'YubiKey OTP',
      serialNumber: '',
      usagePage: 1,
      usage: 6,
      reportDescriptor: REPORT_DESCRIPTOR,
      ...options.description,
    },
    output() {},
    onInput: () => () => {},

    setFeature(report) {
      const code = report[PART] ?? 0;
      if (!powered || report.length !== PART + 1) return;
      if (code === 0x8f || code === 0xff || (code & WRITE) === 0) {
        frame = new Uint8Array(FRAME);
        answer = [];
        waiting = null;
        return;
      }
      const number = code & NUMBER;
      if (number > LAST_PART) return;
      // A new frame ends what the last one began.
      if (number === 0) {
        frame = new Uint8Array(FRAME);
        answer = [];
        waiting = null;
      }
      frame.set(report.subarray(0, PART), number * PART);
      if (number === LAST_PART) execute();
    },

    getFeature() {
      if (waiting !== null) {
        const now = clock.monotonic();
        const delay = control.touchDelay;
        if (control.touch === 'delay' && delay !== null && now - waiting.since >= delay) control.press();
        else if (now >= waiting.until) waiting = null;
      }
      if (waiting !== null) {
        const seconds = Math.ceil((waiting.until - clock.monotonic()) / 1000);
        return Uint8Array.of(0, ...VERSION, sequence, 0, 0, WAITS | Math.min(seconds, NUMBER));
      }
      return answer.shift() ?? idle();
    },

    powerOn() {
      powered = true;
    },
    powerOff() {
      powered = false;
      frame = new Uint8Array(FRAME);
      answer = [];
      waiting = null;
    },
    control,
    state: {
      get awaitsTouch() {
        return waiting !== null;
      },
      get responses() {
        return responses;
      },
      get programmed() {
        return programmed;
      },
    },
  };
}

function slotFrom(slot: SlotOptions | undefined): Slot | null {
  if (slot === undefined) return null;
  const { key, touch = false, variableLength = true } = slot;
  return { key, touch, variableLength, accessCode: new Uint8Array(6) };
}

/** fixed[16] uid[6] key[16] accessCode[6] fixedSize ext tkt cfg rfu[2] crc[2]; an HMAC key is key ‖ uid[0..4]. */
function parseConfiguration(bytes: Uint8Array): Slot | null {
  const [tkt, cfg] = [bytes[46] ?? 0, bytes[47] ?? 0];
  if ((tkt & TKT_CHALLENGE_RESPONSE) === 0 || (cfg & CFG_HMAC) !== CFG_HMAC) return null;
  return {
    key: concat(bytes.subarray(22, 38), bytes.subarray(16, 20)),
    touch: (cfg & CFG_TOUCH) !== 0,
    variableLength: (cfg & CFG_VARIABLE_LENGTH) !== 0,
    accessCode: bytes.slice(38, 44),
  };
}

/** A slot of variable length takes away what repeats the last byte, whatever that is. */
function hmacOf(slot: Slot, payload: Uint8Array): Uint8Array {
  const pad = payload[PAYLOAD - 1];
  const end = slot.variableLength ? payload.findLastIndex((byte) => byte !== pad) + 1 : PAYLOAD;
  return new Uint8Array(createHmac('sha1', slot.key).update(payload.subarray(0, end)).digest());
}

function numberBytes(value: number): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return new Uint8Array(out);
}

/** What the management application tells: length, then tag, length and value of each property. */
function capabilities(serial: number): Uint8Array {
  const otpOnly = 0x01;
  const keychain = 0x01;
  const properties = concat(
    Uint8Array.of(0x01, 1, otpOnly),
    Uint8Array.of(0x02, 4),
    numberBytes(serial),
    Uint8Array.of(0x03, 1, otpOnly),
    Uint8Array.of(0x04, 1, keychain),
    Uint8Array.of(0x05, 3, ...VERSION),
  );
  return concat(Uint8Array.of(properties.length), properties);
}
