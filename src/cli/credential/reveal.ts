import { wipe } from '../../client/import/credential-values.ts';
import { createReplyKey } from '../../client/seal.ts';
import type { Credential } from '../../contract/credentials.ts';
import type { Cli } from '../cli.ts';
import { nameFile } from '../envelope/name-file.ts';
import { createWholeFile } from '../envelope/whole-file.ts';
import { type AuthorizeOptions, authorized } from '../security-keys/authorized.ts';
import { send } from '../standard-output.ts';

export interface RevealOptions extends AuthorizeOptions {
  out?: string;
  force?: boolean;
}

/** `keyhold credential reveal`: a password or private key, for who proves a way into the vault again. */
export async function reveal(cli: Cli, name: string, options: RevealOptions): Promise<void> {
  const { out } = options;
  const { credential, secret } = await (out === undefined
    ? open(cli, name, options)
    : toFile(cli, out, { name, options }));
  try {
    if (cli.json)
      cli.print(
        { credential, ...(out === undefined ? { secret: Buffer.from(secret).toString('utf8') } : { path: out }) },
        () => '',
      );
    // Waited for: what is wiped before it is written would be written as zeros.
    else if (out === undefined) await send(withNewline(secret));
  } finally {
    wipe(secret);
  }
  if (credential.userName !== undefined) cli.note(`User: ${credential.userName}`);
  cli.note('It has left the vault, and the log says so. Whoever reads it can use it until it is rotated.');
}

interface Revealed {
  credential: Credential;
  /** The caller's to wipe. */
  secret: Uint8Array;
}

async function open(cli: Cli, name: string, options: AuthorizeOptions): Promise<Revealed> {
  const reply = await createReplyKey();
  const { credential, secret } = await authorized(cli, options, ['gate'], (proof) =>
    cli.callSealed('credential.reveal', async (seal) => ({
      name,
      authorize: await proof(seal),
      replyKey: reply.publicKey,
    })),
  );
  return { credential, secret: await reply.open(secret, 'credential') };
}

/** A file that nobody else may read; whether it can be written is seen before anything leaves. */
async function toFile(
  cli: Cli,
  path: string,
  { name, options }: { name: string; options: RevealOptions },
): Promise<Revealed> {
  const whole = await createWholeFile(path, { force: options.force === true, mode: 0o600 });
  try {
    const revealed = await open(cli, name, options);
    await whole.file.writeFile(withNewline(revealed.secret));
    await whole.keep();
    return revealed;
  } catch (error) {
    await whole.drop();
    throw nameFile(error, path);
  }
}

function withNewline(secret: Uint8Array): Uint8Array {
  return secret.at(-1) === 0x0a ? secret : Buffer.concat([secret, Buffer.from('\n')]);
}
