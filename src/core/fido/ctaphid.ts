import { KeyholdError } from '../../contract/errors.ts';
import { readU32 } from '../crypto/bytes.ts';
import { equal } from '../crypto/equal.ts';
import type { Clock, HidConnection, Random } from '../ports.ts';
import { createHidExchange, type ExchangeOptions, type HidExchange } from './ctaphid-exchange.ts';
import { BROADCAST_CHANNEL, HID_COMMAND } from './ctaphid-packets.ts';
import { deviceFault, deviceUnsupported } from './device-errors.ts';

export type { ExchangeOptions } from './ctaphid-exchange.ts';

/** A channel to one security key (CTAP 2.1, section 11.2). What is asked at once is done in order. */
export interface CtapHid {
  readonly capabilities: Readonly<{ wink: boolean; cbor: boolean; msg: boolean }>;
  /** Of the firmware; what it means is the maker's. */
  readonly version: Readonly<{ major: number; minor: number; build: number }>;
  /** One CTAP2 command and its answer, status byte first. */
  cbor(message: Uint8Array, options?: ExchangeOptions): Promise<Uint8Array>;
  /** One CTAP1 APDU and its answer. */
  msg(apdu: Uint8Array, options?: ExchangeOptions): Promise<Uint8Array>;
  /** Resolves when the security key has echoed the bytes. */
  ping(bytes: Uint8Array): Promise<void>;
  /** Has it blink, where it can. */
  wink(): Promise<void>;
  /** Keeps other programs out for 0 (ends it) to 10 seconds. */
  lock(seconds: number): Promise<void>;
  /** Closes the connection. */
  close(): Promise<void>;
}

const NONCE_BYTES = 8;
const INIT_ANSWER_BYTES = 17;
const HID_PROTOCOL = 2;
const CAPABILITY = { wink: 0x01, cbor: 0x04, noMsg: 0x08 } as const;
const MOST_LOCK_SECONDS = 10;

interface Greeting {
  channel: number;
  capabilities: number;
  version: { major: number; minor: number; build: number };
}

/** Takes over the connection, and closes it when the security key does not answer. */
export async function openCtapHid(
  connection: HidConnection,
  ports: { clock: Clock; random: Random },
  signal?: AbortSignal,
): Promise<CtapHid> {
  const exchange = createHidExchange(connection, ports.clock);
  try {
    const greeting = await greet(exchange, ports.random, BROADCAST_CHANNEL, signal);
    return channelOf(exchange, connection, ports.random, greeting);
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw error;
  }
}

function channelOf(exchange: HidExchange, connection: HidConnection, random: Random, greeting: Greeting): CtapHid {
  const { channel, capabilities, version } = greeting;
  let tail: Promise<unknown> = Promise.resolve();

  const inOrder = <T>(run: () => Promise<T>): Promise<T> => {
    const done = tail.then(run);
    tail = done.catch(() => undefined);
    return done;
  };
  const ask = (command: number, message: Uint8Array, options: ExchangeOptions = {}): Promise<Uint8Array> =>
    inOrder(async () => {
      // What is still on its way from an exchange that was given up would be taken for this one's answer.
      if (exchange.unfinished()) await greet(exchange, random, channel, options.signal);
      return exchange.run({ channel, command, message }, options);
    });

  return {
    version,
    capabilities: {
      wink: (capabilities & CAPABILITY.wink) !== 0,
      cbor: (capabilities & CAPABILITY.cbor) !== 0,
      msg: (capabilities & CAPABILITY.noMsg) === 0,
    },
    cbor: (message, options) => ask(HID_COMMAND.CBOR, message, options),
    msg: (apdu, options) => ask(HID_COMMAND.MSG, apdu, options),
    async ping(bytes) {
      const echo = await ask(HID_COMMAND.PING, bytes);
      if (!equal(echo, bytes)) throw deviceFault('garbles what it is sent');
    },
    async wink() {
      if ((capabilities & CAPABILITY.wink) === 0) throw deviceUnsupported('blink on command');
      await ask(HID_COMMAND.WINK, new Uint8Array());
    },
    async lock(seconds) {
      if (!Number.isInteger(seconds) || seconds < 0 || seconds > MOST_LOCK_SECONDS) {
        throw new RangeError('a channel is locked for 0 to 10 seconds');
      }
      await ask(HID_COMMAND.LOCK, Uint8Array.of(seconds));
    },
    async close() {
      exchange.end(new KeyholdError('Cancelled', 'The security key was put aside: start again.'));
      await connection.close();
    },
  };
}

/** CTAPHID_INIT: a new channel on the broadcast one, or an old one emptied of what is left over. */
async function greet(
  exchange: HidExchange,
  random: Random,
  channel: number,
  signal: AbortSignal | undefined,
): Promise<Greeting> {
  const nonce = random.bytes(NONCE_BYTES);
  // Every program that listens to this device hears the broadcast channel: the nonce tells whose answer it is.
  const accept = (data: Uint8Array): boolean => equal(data.subarray(0, NONCE_BYTES), nonce);
  const request = { channel, command: HID_COMMAND.INIT, message: nonce, accept };
  const answer = await exchange.run(request, signal === undefined ? {} : { signal });
  if (answer.length < INIT_ANSWER_BYTES) throw deviceFault('introduced itself in too few words');
  const [protocol, major = 0, minor = 0, build = 0, capabilities = 0] = answer.subarray(12, INIT_ANSWER_BYTES);
  const given = readU32(answer, NONCE_BYTES);
  if (protocol !== HID_PROTOCOL) throw deviceUnsupported('speak a version of CTAPHID that Keyhold knows');
  const fits = channel === BROADCAST_CHANNEL ? given !== 0 && given !== BROADCAST_CHANNEL : given === channel;
  if (!fits) throw deviceFault('gave out a channel that is none');
  return { channel: given, capabilities, version: { major, minor, build } };
}
