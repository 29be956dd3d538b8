import { KeyholdError } from '../../../contract/errors.ts';
import type { HpkeRecipient } from '../../crypto/hpke.ts';
import type { Random } from '../../ports.ts';
import type { Cryptoki, Handle, Module } from './cryptoki.ts';
import type { KeyHandles } from './key-handles.ts';
import type { Sessions } from './sessions.ts';

/** A module that has been loaded and initialised. */
export interface Loaded {
  cryptoki: Cryptoki;
  module: Module;
  /** C_Initialize with CKF_OS_LOCKING_OK went well: calls may come from several threads. */
  threads: boolean;
}

/** A token that the user is logged in to. */
export interface LoggedIn extends Loaded {
  slot: Handle;
  sessions: Sessions;
  keys: KeyHandles;
  /** The token chooses the IV of AES-GCM and writes it where ours was. */
  choosesIv: boolean;
}

export interface TokenProcessState {
  readonly random: Random;
  /** Whom the HSM process seals the PIN to. */
  readonly recipient: Promise<HpkeRecipient>;
  loaded: Loaded | null;
  loggedIn: LoggedIn | null;
}

export function loadedModule(state: TokenProcessState): Loaded {
  if (state.loaded === null) throw new KeyholdError('InvalidInput', 'The token process has loaded no module yet.');
  return state.loaded;
}

export function loggedInToken(state: TokenProcessState): LoggedIn {
  if (state.loggedIn === null) throw new KeyholdError('InvalidInput', 'The token process is not logged in yet.');
  return state.loggedIn;
}
