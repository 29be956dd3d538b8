import type { Clock } from '../../src/core/ports.ts';
import { createAttestation } from './attestation.ts';
import { createClientPin } from './client-pin.ts';
import { credentialManagement, noEnumerations } from './credential-management.ts';
import { type Credential, createCredentialStore } from './credentials.ts';
import { createCtapHid, type Transaction } from './ctaphid.ts';
import type { DeviceDescription, EmulatedDevice } from './emulated-device.ts';
import { getAssertion, type Pending } from './get-assertion.ts';
import { getInfo } from './get-info.ts';
import type { Generation, Machine } from './machine.ts';
import { makeCredential } from './make-credential.ts';
import { type Algorithm, ES256 } from './signing-key.ts';
import { CtapError, STATUS } from './status.ts';
import { type U2fMachine, u2f } from './u2f.ts';

/** What the person in front of the device does. `delay` touches after `touchDelay`, or when the test calls `press`. */
export type TouchMode = 'approve' | 'deny' | 'delay' | 'never';

export interface AuthenticatorOptions {
  clock: Clock;
  description?: Partial<DeviceDescription>;
  /** Of `clientPIN` and hmac-secret, in order of preference. */
  pinProtocols?: readonly (1 | 2)[];
  /** 'u2f' is a key of before CTAP2: no CBOR at all. */
  kind?: 'fido2' | 'u2f';
  /** Which CTAP it knows, where it knows any. */
  generation?: Generation;
  algorithms?: readonly Algorithm[];
  extensions?: readonly string[];
  builtInUv?: boolean;
  /** Verifies its person for everything, as a YubiKey Bio or a FIPS model does. */
  alwaysUv?: boolean;
  attestation?: 'self' | 'basic';
  /** False for a device whose signature counter is always 0. */
  counter?: boolean;
  maxMsgSize?: number;
  mostResident?: number;
  minPinLength?: number;
  messageTimeout?: number;
}

export interface AuthenticatorControl {
  touch: TouchMode;
  /** How long `delay` takes; null waits for `press` alone. */
  touchDelay: number | null;
  /** The built-in verification: whose finger. */
  finger: 'match' | 'mismatch';
  /** Touches, now. */
  press(): void;
  /** What the device counts up to next. */
  counter: number;
}

export interface AuthenticatorState {
  readonly awaitsTouch: boolean;
  readonly busy: boolean;
  readonly pinSet: boolean;
  readonly pinRetries: number;
  readonly winks: number;
  readonly touches: number;
  readonly credentials: readonly Credential[];
}

export interface Authenticator extends EmulatedDevice {
  readonly control: AuthenticatorControl;
  readonly state: AuthenticatorState;
  readonly aaguid: Uint8Array;
}

const COMMAND = {
  makeCredential: 0x01,
  getAssertion: 0x02,
  getInfo: 0x04,
  clientPin: 0x06,
  reset: 0x07,
  getNextAssertion: 0x08,
  credentialManagement: 0x0a,
  selection: 0x0b,
  credentialManagementPreview: 0x41,
} as const;

/** Usage page F1D0, one report of 64 bytes each way (CTAP 2.1, section 11.2.8.1). */
const REPORT_DESCRIPTOR = Uint8Array.from(
  Buffer.from('06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0', 'hex'),
);
const AAGUID = Uint8Array.from(Buffer.from('4b6579686f6c644d6f636b4649444f32', 'hex'));
const TOUCH_TIMEOUT = 30_000;
const RESET_WITHIN = 10_000;
const NEXT_WITHIN = 30_000;
const WINK_AND_CBOR = 0x05;
const WINK_ONLY = 0x01;
/** SW_COMMAND_NOT_ALLOWED. */
const U2F_NOT_ALLOWED = Uint8Array.of(0x69, 0x86);

/** A complete CTAP 2.1 and U2F authenticator, from its USB plug to its keys. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { clock } = options;
  const extensions = options.extensions ?? ['credProtect', 'hmac-secret'];
  const builtInUv = options.builtInUv ?? false;
  const generation = options.generation ?? '2.1';
  const pinProtocols = options.pinProtocols ?? (generation === '2.1' ? [2, 1] : [1]);
  const minPinLength = options.minPinLength ?? 4;
  const permissions = generation === '2.1';
  const pin = createClientPin({ clock, protocols: pinProtocols, builtInUv, minPinLength, permissions });
  const managementCommands: Readonly<Record<Generation, readonly number[]>> = {
    '2.0': [],
    '2.1-pre': [COMMAND.credentialManagementPreview],
    // Those that had the preview have kept it, and libfido2 asks nothing else.
    '2.1': [COMMAND.credentialManagement, COMMAND.credentialManagementPreview],
  };
  const store = createCredentialStore(options.mostResident ?? 25);
  const attestation = createAttestation('Emulated FIDO Attestation');
  const listeners = new Set<(report: Uint8Array) => void>();
  let powered = true;
  let poweredAt = clock.monotonic();
  let winks = 0;
  let touches = 0;
  let u2fWaitsSince: number | null = null;
  let press: (() => void) | null = null;
  let pending: (Pending & { channel: number; since: number }) | undefined;
  let enumerations = { channel: 0, lists: noEnumerations() };

  const control: AuthenticatorControl = {
    touch: 'approve',
    touchDelay: null,
    finger: 'match',
    counter: 1,
    press() {
      press?.();
    },
  };

  const nextCounter = (): number => (options.counter === false ? 0 : control.counter++);

  function presence(transaction: Transaction): Promise<void> {
    return new Promise((resolve, reject) => {
      const timers: { cancel(): void }[] = [];
      const end = (status: number): void => {
        for (const timer of timers) timer.cancel();
        press = null;
        transaction.awaitTouch(false);
        if (status === STATUS.ok) touches += 1;
        if (status === STATUS.ok) resolve();
        else reject(new CtapError(status));
      };
      transaction.awaitTouch(true);
      transaction.onCancel(() => end(STATUS.keepaliveCancel));
      if (control.touch === 'approve') return end(STATUS.ok);
      if (control.touch === 'deny') return end(STATUS.operationDenied);
      press = () => end(STATUS.ok);
      if (control.touch === 'delay' && control.touchDelay !== null) {
        timers.push(clock.setTimer(control.touchDelay, () => end(STATUS.ok)));
      }
      timers.push(clock.setTimer(TOUCH_TIMEOUT, () => end(STATUS.userActionTimeout)));
    });
  }

  const machineFor = (transaction: Transaction): Machine => ({
    aaguid: AAGUID,
    algorithms: options.algorithms ?? [ES256],
    attestation: options.attestation === 'basic' ? attestation : null,
    builtInUv,
    alwaysUv: options.alwaysUv ?? false,
    extensions,
    generation,
    pin,
    store,
    nextCounter,
    presence: () => presence(transaction),
    async verifyUser() {
      if (pin.uvRetries === 0) throw new CtapError(STATUS.uvBlocked);
      await presence(transaction);
      pin.verifyUser(control.finger);
    },
  });

  const u2fMachine: U2fMachine = {
    attestation,
    store,
    nextCounter,
    touchedNow() {
      const now = clock.monotonic();
      u2fWaitsSince ??= now;
      const delay = control.touchDelay;
      const touched =
        control.touch === 'approve' || (control.touch === 'delay' && delay !== null && now - u2fWaitsSince >= delay);
      if (touched) u2fWaitsSince = null;
      if (touched) touches += 1;
      return touched;
    },
  };

  function nextAssertion(channel: number): Uint8Array {
    const state = pending;
    const credential = state?.channel === channel ? state.left.shift() : undefined;
    if (state === undefined || credential === undefined || clock.monotonic() - state.since > NEXT_WITHIN) {
      pending = undefined;
      throw new CtapError(STATUS.notAllowed);
    }
    state.since = clock.monotonic();
    return state.sign(credential);
  }

  async function command(code: number, body: Uint8Array, transaction: Transaction): Promise<Uint8Array> {
    const machine = machineFor(transaction);
    const { channel } = transaction;
    if (code !== COMMAND.getNextAssertion) pending = undefined;
    const managing = code === COMMAND.credentialManagement || code === COMMAND.credentialManagementPreview;
    if (!managing || enumerations.channel !== channel) enumerations = { channel, lists: noEnumerations() };
    switch (code) {
      case COMMAND.makeCredential:
        return makeCredential(machine, body);
      case COMMAND.getAssertion:
        return getAssertion(machine, body, (left) => {
          pending = { ...left, channel, since: clock.monotonic() };
        });
      case COMMAND.getNextAssertion:
        return nextAssertion(channel);
      case COMMAND.getInfo:
        return getInfo(machine, { maxMsgSize: options.maxMsgSize ?? 2048, minPinLength, pinProtocols });
      case COMMAND.clientPin:
        return pin.handle(body, machine.verifyUser);
      case COMMAND.reset:
        if (clock.monotonic() - poweredAt > RESET_WITHIN) throw new CtapError(STATUS.notAllowed);
        await machine.presence();
        store.clear();
        pin.reset();
        return new Uint8Array();
      case COMMAND.credentialManagement:
      case COMMAND.credentialManagementPreview:
        if (!managementCommands[generation].includes(code)) throw new CtapError(STATUS.invalidCommand);
        return credentialManagement(machine, body, enumerations.lists);
      case COMMAND.selection:
        if (generation !== '2.1') throw new CtapError(STATUS.invalidCommand);
        await machine.presence();
        return new Uint8Array();
      default:
        throw new CtapError(STATUS.invalidCommand);
    }
  }

  const hid = createCtapHid({
    clock,
    capabilities: options.kind === 'u2f' ? WINK_ONLY : WINK_AND_CBOR,
    version: [1, 2, 3],
    ...(options.messageTimeout === undefined ? {} : { messageTimeout: options.messageTimeout }),
    send(report) {
      if (!powered) return;
      for (const listener of [...listeners]) listener(report);
    },
    wink() {
      winks += 1;
    },
    async cbor(request, transaction) {
      if (options.kind === 'u2f') return Uint8Array.of(STATUS.invalidCommand);
      try {
        const answer = await command(request[0] ?? 0, request.subarray(1), transaction);
        return Uint8Array.of(STATUS.ok, ...answer);
      } catch (error) {
        if (error instanceof CtapError) return Uint8Array.of(error.status);
        throw error;
      }
    },
    msg: async (request) => (options.alwaysUv === true ? U2F_NOT_ALLOWED : u2f(u2fMachine, request)),
  });

  return {
    description: {
      vendorId: 0x1209,
      productId: 0xf1d0,
      manufacturer: 'Emulated',
      product: 'FIDO authenticator',
      serialNumber: '',
      usagePage: 0xf1d0,
      usage: 1,
      reportDescriptor: REPORT_DESCRIPTOR,
      ...options.description,
    },
    output(report) {
      if (powered) hid.receive(report);
    },
    onInput(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setFeature() {},
    getFeature: (length) => new Uint8Array(length),
    powerOn() {
      powered = true;
      poweredAt = clock.monotonic();
      pin.powerOn();
    },
    powerOff() {
      powered = false;
      hid.reset();
      press = null;
      pending = undefined;
      u2fWaitsSince = null;
    },
    control,
    aaguid: AAGUID,
    state: {
      get awaitsTouch() {
        return press !== null;
      },
      get busy() {
        return hid.busy;
      },
      get pinSet() {
        return pin.isSet;
      },
      get pinRetries() {
        return pin.retries;
      },
      get winks() {
        return winks;
      },
      get touches() {
        return touches;
      },
      get credentials() {
        return store.all;
      },
    },
  };
}
