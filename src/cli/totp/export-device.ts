import { wipe } from '../../client/import/credential-values.ts';
import { printOtpauth } from '../../client/otp/parse-otpauth.ts';
import { createReplyKey } from '../../client/seal.ts';
import { toBase32 } from '../../contract/base32.ts';
import type { Cli } from '../cli.ts';
import { type AuthorizeOptions, authorized } from '../security-keys/authorized.ts';
import { print } from '../standard-output.ts';

/** `keyhold totp export`: the one way out for a seed, for who proves a way into the vault again. */
export async function exportDevice(cli: Cli, name: string, options: AuthorizeOptions): Promise<void> {
  const reply = await createReplyKey();
  const { device, counter, seed } = await authorized(cli, options, ['gate'], (proof) =>
    cli.callSealed('totp.export', async (seal) => ({
      name,
      authorize: await proof(seal),
      replyKey: reply.publicKey,
    })),
  );
  const bytes = await reply.open(seed, 'otp-seed');
  let base32: Uint8Array | undefined;
  let uri: Uint8Array | undefined;
  try {
    base32 = toBase32(bytes);
    uri = printOtpauth({ ...device, period: device.period ?? 0, counter: counter ?? 0 }, base32);
    if (cli.json) cli.print({ device, uri: Buffer.from(uri).toString('utf8') }, () => '');
    else print(Buffer.concat([uri, Buffer.from('\n')]));
  } finally {
    wipe(bytes, base32, uri);
  }
  cli.note('Whoever has this address makes the same codes, and Keyhold cannot tell which of them have been used.');
}
