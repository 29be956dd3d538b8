import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Session } from '../session.ts';
import type { AnywhereQuestion } from '../sessions/roles-anywhere.ts';
import type { CertificatePair } from './record.ts';

/** Who a key pair is to IAM Roles Anywhere. Throws `InvalidInput` for one without a certificate, or with one whose time is over. */
export function identityOf(
  session: Pick<Session, 'hsm' | 'objectRef'>,
  name: string,
  pair: CertificatePair,
  now: number,
): Pick<AnywhereQuestion, 'identity' | 'sign'> {
  const { issued, keySpec, key } = pair;
  if (issued === undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `The certificate ${name} has not been issued yet: give its request (keyhold certificate csr ${quotedName(name)}) to your CA, then keyhold certificate install ${quotedName(name)} FILE.`,
    );
  }
  if (issued.notAfter <= now) {
    throw new KeyholdError(
      'InvalidInput',
      `The certificate ${name} has expired on ${new Date(issued.notAfter).toISOString()}. Have a new one issued for its request (keyhold certificate csr ${quotedName(name)}), or for a new key: keyhold rotate certificate ${quotedName(name)}.`,
    );
  }
  return {
    identity: {
      algorithm: keySpec.startsWith('RSA') ? 'AWS4-X509-RSA-SHA256' : 'AWS4-X509-ECDSA-SHA256',
      certificate: issued.certificate,
      chain: issued.chain,
      serial: issued.serial,
    },
    async sign(stringToSign) {
      const message = new TextEncoder().encode(stringToSign);
      return (await session.hsm.call('x509Sign', { key: session.objectRef(key.id), message })).signature;
    },
  };
}
