import { pemBlock } from '../x509/pem-block.ts';
import { readChain } from '../x509/read-chain.ts';
import type { Issued } from './record.ts';

/** What a file has for a key pair, checked (`readChain`). */
export function issuedFor(pem: string, publicKey: string, now: number): Issued {
  const { leaf, chain } = readChain(pem, Buffer.from(publicKey, 'base64'), now);
  const { der, ...facts } = leaf;
  return {
    certificate: der,
    chain: chain.map((one) => one.der),
    chainSubjects: chain.map(({ subject }) => subject),
    ...facts,
  };
}

export function pemOf({ certificate, chain }: Issued): string {
  return [certificate, ...chain].map((der) => pemBlock('CERTIFICATE', der)).join('');
}
