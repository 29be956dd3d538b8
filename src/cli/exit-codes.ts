import type { ErrorCode } from '../contract/errors.ts';

/** What a script can tell from the exit code. Documented in docs/cli.md and `keyhold help exit-codes`. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  locked: 3,
  wrongSecret: 4,
  notFound: 5,
  alreadyExists: 6,
  unreachable: 7,
  damaged: 8,
  noVault: 9,
  notAllowed: 10,
  notExecutable: 126,
  commandNotFound: 127,
  interrupted: 130,
} as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  InvalidInput: EXIT.usage,
  Locked: EXIT.locked,
  HsmCrashed: EXIT.locked,
  WrongSecret: EXIT.wrongSecret,
  TokenPinRefused: EXIT.wrongSecret,
  TooManyAttempts: EXIT.wrongSecret,
  PinWrong: EXIT.wrongSecret,
  PinBlocked: EXIT.wrongSecret,
  PinAuthBlocked: EXIT.wrongSecret,
  NotFound: EXIT.notFound,
  NoCredential: EXIT.notFound,
  AlreadyExists: EXIT.alreadyExists,
  CredentialExcluded: EXIT.alreadyExists,
  AlreadyInitialized: EXIT.alreadyExists,
  Unreachable: EXIT.unreachable,
  TokenUnavailable: EXIT.unreachable,
  DeviceGone: EXIT.unreachable,
  DeviceBusy: EXIT.unreachable,
  DeviceDenied: EXIT.unreachable,
  HidUnavailable: EXIT.unreachable,
  VaultCorrupt: EXIT.damaged,
  VaultTampered: EXIT.damaged,
  VaultRolledBack: EXIT.damaged,
  VaultForeign: EXIT.damaged,
  VaultLost: EXIT.damaged,
  VaultTooNew: EXIT.damaged,
  AccountFileForeign: EXIT.damaged,
  AccountFileTooNew: EXIT.damaged,
  AccountFileDamaged: EXIT.damaged,
  NotInitialized: EXIT.noVault,
  HsmLoginRequired: EXIT.notAllowed,
  QuorumRequired: EXIT.notAllowed,
  TouchRequired: EXIT.notAllowed,
  SignInRequired: EXIT.notAllowed,
  Cancelled: EXIT.interrupted,
};

export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code] ?? EXIT.failure;
}

export const EXIT_CODES_HELP = `Exit codes

    0  done
    1  it failed; the message says why
    2  the command line or a value in it is wrong
    3  the vault is locked and nobody could be asked for the password
    4  wrong password, passphrase, recovery code or PIN, or too many attempts
    5  no such account, key, profile, client, slot, token or file
    6  it is there already
    7  Keyhold, a token or a security key is not running or cannot be reached
    8  the vault, its audit log or an account file is damaged or was tampered with
    9  there is no vault yet: keyhold init
   10  an HSM user has to log in for it, crypto officers have to approve it, or a
       security key has to be touched
  126  exec: the command cannot be executed
  127  exec: no such command
  130  interrupted with Ctrl-C

keyhold exec ends with the exit code of the command it ran, or with 128 + n
when signal n ended that command.
`;
