import { writeFileSync } from 'node:fs';
import type { Cli } from '../cli.ts';

export interface RotateCaOptions {
  out?: string;
  now?: boolean;
}

/** `keyhold rotate ca`: a new local CA, exported together with the one before. */
export async function rotateCa(cli: Cli, { out, now }: RotateCaOptions): Promise<void> {
  const rotated = await cli.call('ca.rotate', { now: now === true });
  const both = [rotated.pem, ...(rotated.previous === null ? [] : [rotated.previous.pem])]
    .map((pem) => (pem.endsWith('\n') ? pem : `${pem}\n`))
    .join('');
  if (out !== undefined) writeFileSync(out, both, { mode: 0o644 });
  cli.print({ ...rotated, ...(out === undefined ? {} : { path: out }) }, () => (out === undefined ? both : ''));
  const valid = `The new local CA is valid until ${rotated.notAfter}.`;
  const trust =
    rotated.previous === null
      ? 'There was none before.'
      : 'What trusts the one before (AWS_CA_BUNDLE files, trust stores, images) has to be given the new one; the certificates above are of both.';
  const door = rotated.doorKeepsPrevious
    ? 'The HTTPS door shows a certificate of the CA before until Keyhold is started anew, or until "keyhold settings set https off" and "on".'
    : 'The HTTPS door shows certificates of the new CA from now on.';
  cli.note(`${valid} ${out === undefined ? trust : trust.replace('above', `in ${out}`)}\n${door}`);
}
