import type { Handle, Module } from './cryptoki.ts';
import type { ModuleFacts, TokenFacts } from './protocol.ts';
import type { Loaded } from './state.ts';

const CKF = {
  writeProtected: 0x2,
  userPinInitialized: 0x8,
  tokenInitialized: 0x400,
  userPinCountLow: 0x1_0000,
  userPinFinalTry: 0x2_0000,
  userPinLocked: 0x4_0000,
} as const;

/** PKCS#11 pads its texts with blanks; some vendors, with NUL. */
function text(value: string): string {
  return value.replace(/[\0 ]+$/, '');
}

function version({ major, minor }: { major: number; minor: number }): string {
  return `${major}.${minor}`;
}

export function moduleFacts(module: Module): ModuleFacts {
  const info = module.C_GetInfo();
  return {
    manufacturer: text(info.manufacturerID),
    description: text(info.libraryDescription),
    version: version(info.libraryVersion),
    cryptokiVersion: version(info.cryptokiVersion),
  };
}

export interface FoundToken {
  slot: Handle;
  facts: TokenFacts;
}

/** The tokens in the slots. A slot whose token cannot say what it is (being taken away just now) is left out. */
export function tokensOf({ module }: Loaded): FoundToken[] {
  const found: FoundToken[] = [];
  for (const slot of module.C_GetSlotList(true)) {
    try {
      found.push({ slot, facts: tokenFacts(module, slot) });
    } catch {
      // Nothing can be said about it.
    }
  }
  return found;
}

export function tokenFacts(module: Module, slot: Handle): TokenFacts {
  const info = module.C_GetTokenInfo(slot);
  const has = (flag: number): boolean => (info.flags & flag) !== 0;
  const pin = has(CKF.userPinLocked)
    ? 'locked'
    : has(CKF.userPinFinalTry)
      ? 'final-try'
      : has(CKF.userPinCountLow)
        ? 'low'
        : 'ok';
  return {
    label: text(info.label),
    serial: text(info.serialNumber),
    manufacturer: text(info.manufacturerID),
    model: text(info.model),
    firmwareVersion: version(info.firmwareVersion),
    initialized: has(CKF.tokenInitialized) && has(CKF.userPinInitialized),
    writeProtected: has(CKF.writeProtected),
    pin,
  };
}

/** Numbers and CKM_… names of the token's mechanisms. */
export function mechanismsOf({ cryptoki, module }: Loaded, slot: Handle): { numbers: number[]; names: string[] } {
  const names = new Map<unknown, string>();
  for (const [name, number] of Object.entries(cryptoki)) if (name.startsWith('CKM_')) names.set(number, name);
  const numbers = module.C_GetMechanismList(slot);
  return { numbers, names: numbers.map((one) => names.get(one) ?? `0x${(one >>> 0).toString(16)}`).sort() };
}
