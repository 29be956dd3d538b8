import { handOver } from '../certificate/hand-over.ts';
import { certificateText, type keySpecOption } from '../certificate/words.ts';
import type { Cli } from '../cli.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';

export interface RotateCertificateOptions {
  keySpec?: ReturnType<typeof keySpecOption>;
  subject?: string;
  quarantine?: string;
  out?: string;
  confirm?: boolean;
  rollback?: boolean;
}

/** `keyhold rotate certificate`: a new key pair and its request beside the present one; or the end of that, or the way back. */
export async function rotateCertificate(cli: Cli, name: string, options: RotateCertificateOptions): Promise<void> {
  const { keySpec, subject, quarantine, out, confirm, rollback } = options;
  if (confirm === true && rollback === true) throw usageError('Give either --confirm or --rollback.');
  if (confirm === true || rollback === true) {
    const method = confirm === true ? 'certificate.confirm' : 'certificate.rollback';
    const certificate = await cli.call(method, { name });
    cli.print(certificate, () => certificateText(certificate, cli));
    return;
  }
  const made = await cli.call('certificate.rotate', {
    name,
    ...(keySpec === undefined ? {} : { keySpec }),
    ...(subject === undefined ? {} : { subject }),
    ...(quarantine === undefined ? {} : { quarantineSeconds: quarantine === '0' ? 0 : parseDuration(quarantine) }),
  });
  handOver(cli, made, out);
  cli.note(`The present certificate of ${name} stays in use until AWS has taken the new one.`);
}
