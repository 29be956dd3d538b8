import { KeyholdError } from '../../../../contract/errors.ts';
import { wipe } from '../../../crypto/wipe.ts';
import { booleanOf, fieldsOf, textOf } from '../../input.ts';
import { ckrOf, isCkr, tokenError } from '../ckr.ts';
import type { Handle } from '../cryptoki.ts';
import { createKeyHandles } from '../key-handles.ts';
import { openPin } from '../open-pin.ts';
import type { TokenFacts, TokenOutput } from '../protocol.ts';
import { createSessions, openSession } from '../sessions.ts';
import { type Loaded, loadedModule, type TokenProcessState } from '../state.ts';
import { type FoundToken, mechanismsOf, tokensOf } from '../token-facts.ts';

const LONGEST_LABEL = 32;
const LONGEST_SERIAL = 16;
/** Of Node's thread pool, on which the module's slow calls run. */
const LANES = 4;
/** AWS's own CKM_CLOUDHSM_AES_GCM (CKM_VENDOR_DEFINED | CKM_AES_GCM): this token chooses the IVs of CKM_AES_GCM. */
const CLOUDHSM_AES_GCM = 0x8000_1087;

export async function login(state: TokenProcessState, input: unknown): Promise<TokenOutput<'login'>> {
  const fields = fieldsOf(input, 'input', ['label', 'serial', 'pin', 'finalTry']);
  const label = textOf(fields['label'], 'label', 1, LONGEST_LABEL);
  const serial = fields['serial'] === null ? null : textOf(fields['serial'], 'serial', 0, LONGEST_SERIAL);
  const finalTry = booleanOf(fields['finalTry'], 'finalTry');
  const loaded = loadedModule(state);
  if (state.loggedIn !== null) throw new KeyholdError('InvalidInput', 'This token process is logged in already.');
  try {
    const { slot, facts } = theToken(tokensOf(loaded), label, serial);
    // Before the PIN is opened: another token than the one it belongs to never gets it.
    requirePinUsable(facts, finalTry);
    const { numbers, names } = mechanismsOf(loaded, slot);
    const session = openSession(loaded.module, slot, facts.writeProtected);
    const pin = await openPin(state, fields['pin']);
    try {
      logIn(loaded, session, pin);
    } finally {
      wipe(pin);
    }
    const lanes = loaded.threads ? LANES : 1;
    state.loggedIn = {
      ...loaded,
      slot,
      sessions: createSessions(loaded.module, slot, lanes, facts.writeProtected),
      keys: createKeyHandles(loaded),
      choosesIv: numbers.some((one) => one >>> 0 === CLOUDHSM_AES_GCM),
    };
    return { token: facts, lanes, mechanisms: names };
  } catch (error) {
    throw ckrOf(error) === null ? error : tokenError(error);
  }
}

/** The one token that was meant. `TokenUnavailable` says what is there instead. */
function theToken(found: readonly FoundToken[], label: string, serial: string | null): FoundToken {
  const labelled = found.filter(({ facts }) => facts.label === label);
  const [token, ...more] = labelled.filter(({ facts }) => serial === null || facts.serial === serial);
  if (token !== undefined && more.length === 0) return token;
  if (token !== undefined) {
    throw new KeyholdError(
      'TokenUnavailable',
      `The module has more than one token labelled ${label}. Say its serial number.`,
    );
  }
  const other = labelled[0];
  if (other !== undefined) {
    throw new KeyholdError(
      'TokenUnavailable',
      `The module has a token labelled ${label}, but it is another one: its serial number is ${other.facts.serial}, not ${serial ?? ''}. If it took the place of the old one, remove that from Keyhold and add this one.`,
      { serial: other.facts.serial },
    );
  }
  const labels = found.map(({ facts }) => facts.label).filter((one) => one !== '');
  const there = labels.length === 0 ? 'It has no token at all.' : `It has ${labels.slice(0, 8).join(', ')}.`;
  throw new KeyholdError('TokenUnavailable', `The module has no token labelled ${label}. ${there}`);
}

function requirePinUsable(facts: TokenFacts, finalTry: boolean): void {
  if (!facts.initialized) {
    throw new KeyholdError('TokenPinRefused', 'The token has no user PIN yet. Set one with the vendor’s tool.');
  }
  if (facts.pin === 'locked') {
    throw new KeyholdError(
      'TokenPinRefused',
      'The token has locked its PIN after wrong ones. Its security officer can set a new one.',
      { ckr: 'CKR_PIN_LOCKED' },
    );
  }
  if (facts.pin === 'final-try' && !finalTry) {
    throw new KeyholdError(
      'TokenPinRefused',
      'One more wrong PIN would lock the token, so it is not tried without being asked for. Test the token by hand.',
    );
  }
}

function logIn({ cryptoki, module }: Loaded, session: Handle, pin: Uint8Array): void {
  // The binding takes text only: this string lives until the process ends, which holds nothing else.
  const text = new TextDecoder('utf-8', { fatal: true }).decode(pin);
  try {
    module.C_Login(session, cryptoki.CKU_USER, text);
  } catch (error) {
    if (!isCkr(error, 'CKR_USER_ALREADY_LOGGED_IN')) throw error;
  }
}
