import { writeFileSync } from 'node:fs';
import type { Result } from '../../contract/methods.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Cli } from '../cli.ts';

/** The request to standard output or into a file, and to the person what comes next. */
export function handOver(cli: Cli, made: Result<'certificate.create'>, out: string | undefined): void {
  const { csr, certificate } = made;
  if (out !== undefined) writeFileSync(out, csr, { mode: 0o644 });
  cli.print({ ...made, ...(out === undefined ? {} : { path: out }) }, () => (out === undefined ? csr : ''));
  const where = out === undefined ? 'The request above' : `The request in ${out}`;
  cli.note(
    `${where} goes to your CA. What that answers with, and the certificates above it, come in with: keyhold certificate install ${quotedName(certificate.name)} FILE`,
  );
}
