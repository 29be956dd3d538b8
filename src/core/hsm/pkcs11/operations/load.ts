import { KeyholdError } from '../../../../contract/errors.ts';
import { fieldsOf, textOf } from '../../input.ts';
import { ckrOf, isCkr, tokenError } from '../ckr.ts';
import { type Cryptoki, loadCryptoki, type Module } from '../cryptoki.ts';
import type { TokenOutput } from '../protocol.ts';
import type { TokenProcessState } from '../state.ts';
import { moduleFacts } from '../token-facts.ts';

const LONGEST_PATH = 4096;
const CKF_OS_LOCKING_OK = 2;
/** Answers of a module that cannot be called from several threads. */
const NO_THREADS = ['CKR_CANT_LOCK', 'CKR_NEED_TO_CREATE_THREADS', 'CKR_ARGUMENTS_BAD'];

export async function load(state: TokenProcessState, input: unknown): Promise<TokenOutput<'load'>> {
  const fields = fieldsOf(input, 'input', ['module']);
  const path = textOf(fields['module'], 'module', 1, LONGEST_PATH);
  if (state.loaded !== null)
    throw new KeyholdError('InvalidInput', 'This token process has loaded its module already.');
  const cryptoki = await loadCryptoki();
  const module = open(cryptoki, path);
  try {
    const threads = initialize(module);
    const facts = moduleFacts(module);
    state.loaded = { cryptoki, module, threads };
    return facts;
  } catch (error) {
    throw tokenError(error);
  }
}

function open(cryptoki: Cryptoki, path: string): Module {
  const module = new cryptoki.PKCS11();
  try {
    module.load(path);
    return module;
  } catch (cause) {
    if (ckrOf(cause) !== null) throw tokenError(cause);
    // The system's own words name the file and what is missing; there is nothing secret in them.
    const why = cause instanceof Error ? cause.message.split('\n')[0]?.slice(0, 300) : '';
    throw new KeyholdError('InvalidInput', `The file ${path} is not a PKCS#11 module that can be loaded here: ${why}`);
  }
}

/** True when calls may come from several threads. */
function initialize(module: Module): boolean {
  try {
    module.C_Initialize({ flags: CKF_OS_LOCKING_OK });
    return true;
  } catch (error) {
    if (!isCkr(error, ...NO_THREADS)) throw error;
    module.C_Initialize();
    return false;
  }
}
