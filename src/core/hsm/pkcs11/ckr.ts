import { type ErrorCode, KeyholdError } from '../../../contract/errors.ts';

/** What a module answered instead of CKR_OK (PKCS#11 v2.40, section 5.1). */
export interface Ckr {
  /** `CKR_PIN_INCORRECT`; `CKR_0x80000001` for one that the standard does not name. */
  name: string;
  code: number;
}

/** Null for anything that is not an answer of the module. */
export function ckrOf(error: unknown): Ckr | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number' || error.code === 0)
    return null;
  const named = /^CKR_\w+$/.test(error.message);
  return { name: named ? error.message : `CKR_0x${error.code.toString(16)}`, code: error.code };
}

export function isCkr(error: unknown, ...names: readonly string[]): boolean {
  const ckr = ckrOf(error);
  return ckr !== null && names.includes(ckr.name);
}

type Words = readonly [ErrorCode, string];

const LOST: Words = ['TokenUnavailable', 'The token was taken away or has lost its connection.'];
const NO_MECHANISM: Words = ['Unsupported', 'This token does not do that.'];
const PIN_FORM: Words = ['TokenPinRefused', 'The token does not take a PIN of this form. Enter the right one.'];

/** What a person is told, by answer. The rest is `HsmRefused` with the name alone. */
const WORDS: Readonly<Record<string, Words>> = {
  CKR_DEVICE_REMOVED: LOST,
  CKR_TOKEN_NOT_PRESENT: LOST,
  CKR_TOKEN_NOT_RECOGNIZED: LOST,
  CKR_SLOT_ID_INVALID: LOST,
  CKR_SESSION_HANDLE_INVALID: LOST,
  CKR_SESSION_CLOSED: LOST,
  CKR_USER_NOT_LOGGED_IN: LOST,
  CKR_CRYPTOKI_NOT_INITIALIZED: LOST,
  CKR_DEVICE_ERROR: ['TokenUnavailable', 'The token has failed.'],
  CKR_SESSION_COUNT: ['TokenUnavailable', 'The token has no session free. Close another program that uses it.'],

  CKR_PIN_INCORRECT: [
    'TokenPinRefused',
    'The token says that the PIN is wrong. Enter the right one: a few wrong ones lock it.',
  ],
  CKR_PIN_LOCKED: [
    'TokenPinRefused',
    'The token has locked its PIN after wrong ones. Its security officer can set a new one.',
  ],
  CKR_PIN_EXPIRED: [
    'TokenPinRefused',
    'The token’s PIN has expired. Change it with the vendor’s tool, then enter it here.',
  ],
  CKR_PIN_INVALID: PIN_FORM,
  CKR_PIN_LEN_RANGE: PIN_FORM,
  CKR_USER_PIN_NOT_INITIALIZED: ['TokenPinRefused', 'The token has no user PIN yet. Set one with the vendor’s tool.'],

  CKR_MECHANISM_INVALID: NO_MECHANISM,
  CKR_MECHANISM_PARAM_INVALID: NO_MECHANISM,
  CKR_FUNCTION_NOT_SUPPORTED: NO_MECHANISM,
  CKR_ARGUMENTS_BAD: NO_MECHANISM,
  CKR_KEY_SIZE_RANGE: NO_MECHANISM,
  CKR_KEY_TYPE_INCONSISTENT: NO_MECHANISM,
  CKR_CURVE_NOT_SUPPORTED: NO_MECHANISM,
  CKR_DOMAIN_PARAMS_INVALID: NO_MECHANISM,
  CKR_ATTRIBUTE_TYPE_INVALID: NO_MECHANISM,
  CKR_ATTRIBUTE_VALUE_INVALID: NO_MECHANISM,
  CKR_TEMPLATE_INCOMPLETE: NO_MECHANISM,
  CKR_TEMPLATE_INCONSISTENT: NO_MECHANISM,

  CKR_KEY_FUNCTION_NOT_PERMITTED: ['HsmRefused', 'The token does not allow this use of the key.'],
  CKR_DEVICE_MEMORY: ['HsmRefused', 'The token is full. Remove what it no longer needs.'],
  CKR_TOKEN_WRITE_PROTECTED: ['HsmRefused', 'The token is write-protected, so it takes no new key.'],
  CKR_SESSION_READ_ONLY: ['HsmRefused', 'The token is write-protected, so it takes no new key.'],
  CKR_OBJECT_HANDLE_INVALID: ['NotFound', 'The token no longer has this key.'],
  CKR_KEY_HANDLE_INVALID: ['NotFound', 'The token no longer has this key.'],
};

/** Answers that say as little as "it did not work": the token decides by whether it still responds. */
const VAGUE = ['CKR_GENERAL_ERROR', 'CKR_FUNCTION_FAILED', 'CKR_HOST_MEMORY'];

export function isVague(error: unknown): boolean {
  return isCkr(error, ...VAGUE);
}

/** The error for a person; one that is a KeyholdError already stays as it is, and so does a defect. */
export function tokenError(error: unknown): unknown {
  const ckr = ckrOf(error);
  if (ckr === null) return error;
  const [code, sentence] = WORDS[ckr.name] ?? ['HsmRefused', 'The token could not do that.'];
  return new KeyholdError(code, `${sentence} (${ckr.name})`, { ckr: ckr.name });
}

/** The token does not respond any more, whatever it says. */
export function lostToken(error: unknown): KeyholdError {
  const ckr = ckrOf(error)?.name ?? 'CKR_GENERAL_ERROR';
  return new KeyholdError('TokenUnavailable', `${LOST[1]} (${ckr})`, { ckr });
}

/** The answer to a ciphertext that does not decrypt; `cause` is what the module said. */
export function undecryptable(cause?: unknown): KeyholdError {
  return new KeyholdError(
    'InvalidCiphertext',
    'This was not encrypted with this key in this context, or it was changed.',
    undefined,
    { cause },
  );
}
