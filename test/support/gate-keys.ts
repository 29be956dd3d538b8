import { KeyholdError } from '../../src/contract/errors.ts';
import type { Secret } from '../../src/contract/schemas.ts';
import { enrolForGates } from '../../src/core/gates/admit-change.ts';
import type { TouchAnswer, TouchRequest, TouchSource } from '../../src/core/gates/touch-source.ts';
import type { TestCore } from './core.ts';
import { type SoftSecurityKey, softSecurityKey } from './soft-security-key.ts';

export interface Finger {
  source: TouchSource;
  /** What people were asked, in order. */
  asked: TouchRequest[];
  /** What they do when they are asked: touch, say no, or nothing until it is too late or given up. */
  does: 'touch' | 'refuse' | 'nothing';
}

/** Somebody with these security keys at hand; the one that is asked for and comes first is touched. */
export function finger(keys: readonly SoftSecurityKey[]): Finger {
  const self: Finger = {
    asked: [],
    does: 'touch',
    source: {
      async getAssertion(request, signal): Promise<TouchAnswer> {
        self.asked.push(request);
        if (self.does === 'nothing') {
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new KeyholdError('Cancelled', 'It was given up.')));
          });
        }
        if (self.does === 'refuse') throw new KeyholdError('TouchRefused', 'The security key said no.');
        const ids = request.credentials.map(({ credentialId }) => Buffer.from(credentialId).toString('hex'));
        const key = keys.find(({ credentialId }) => ids.includes(Buffer.from(credentialId).toString('hex')));
        if (key === undefined) throw new KeyholdError('NoCredential', 'None of your security keys is asked for.');
        return key.touch(request.clientDataHash);
      },
    },
  };
  return self;
}

/** Enrols a security key of software in the core's vault. */
export async function enrolSoftKey(core: TestCore, name: string, authorize?: Secret): Promise<SoftSecurityKey> {
  const soft = softSecurityKey();
  const session = core.running.core.session();
  const createdAt = core.running.core.ports.clock.now();
  const authenticatorData = soft.registration();
  const { id, blob } = await enrolForGates(session, { authenticatorData, label: name, createdAt }, authorize);
  await session.write(
    'cli',
    (draft) => {
      draft.putObject(id, 1, blob);
      draft.put('securityKey', session.newId(), {
        ...{ name, kind: 'fido2', publicKey: '', aaguid: null, model: 'software', attestation: 'none' },
        credentialId: Buffer.from(soft.credentialId).toString('base64'),
        ...{ uv: false, hmacSecret: false, signCount: 0, createdAt },
        object: { id },
      });
      return () => undefined;
    },
    ['securityKey'],
  );
  return soft;
}
