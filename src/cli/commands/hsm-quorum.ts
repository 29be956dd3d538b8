import { Argument, type Command } from 'commander';
import { wipe } from '../../client/import/credential-values.ts';
import { printTokenFile } from '../../client/quorum-token-file.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { QuorumService, QuorumTokenInfo } from '../../contract/hsm-users.ts';
import { writeFileAtomically } from '../../daemon/write-file-atomically.ts';
import { collect, wholeNumber } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { leaf } from '../command.ts';
import { Cancelled, usageError } from '../errors.ts';
import { gateWords } from '../gate-words.ts';
import { callAsUser, sealedSession } from '../hsm-users/session-file.ts';
import { readTokenFile, signTokenFile, textOf } from '../hsm-users/token-file.ts';
import { quorumText, recoveryCodesText, tokenText } from '../hsm-users/words.ts';
import { readFile } from '../read-file.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import {
  defineCreate,
  MOST_OFFICERS,
  refuseExisting,
  SERVICES,
  wantedTouch,
  writeTokenFile,
} from './hsm-quorum-create.ts';

const SHORT_ID = 8;

interface ApproveOptions {
  user?: string;
  signature?: string;
}

/** `keyhold hsm quorum status | set | touch | token create | token show | sign | approve | cancel`. */
export function defineQuorum(parent: Command, cli: Cli): void {
  leaf(parent, 'status', 'what needs the approval of how many officers, and what waits for it', [
    'keyhold hsm quorum status',
  ]).action(async () => {
    const all = await cli.callSealed('hsm.users', (seal) => sealedSession(cli, seal));
    cli.print(all, () => quorumText(all, cli));
  });

  const set = leaf(parent, 'set', 'how many crypto officers have to approve; 0 for none', [
    'keyhold hsm quorum set key 2     # destroying and exporting key material',
    'keyhold hsm quorum set user 2    # managing users',
  ]);
  set.addArgument(new Argument('<service>', 'key or user').choices(SERVICES));
  set.addArgument(
    new Argument('<number>', 'how many officers').argParser(wholeNumber('The number of officers', 0, MOST_OFFICERS)),
  );
  set.action(async (service: QuorumService, required: number) => {
    const now = await callAsUser(cli, 'hsm.quorumSet', async (session) => ({ session, service, required }));
    const what = service === 'key' ? 'Destroying and exporting keys' : 'Managing users';
    const { recoveryCodes } = await cli.call('hsm.users', {});
    cli.print({ ...now, recoveryCodes }, () =>
      required === 0
        ? `${what} needs no quorum any more.\n`
        : `${what} needs ${required} crypto officers from now on.\n${recoveryCodesText(recoveryCodes)}`,
    );
  });

  const touch = leaf(parent, 'touch', 'let an officer’s approval count only with a touch of a security key', [
    'keyhold hsm quorum touch key each                      # for each approval, any enrolled key',
    'keyhold hsm quorum touch user 15m --security-key blue',
    'keyhold hsm quorum touch key none                      # takes a touch itself',
  ]);
  touch.addArgument(new Argument('<service>', 'key or user').choices(SERVICES));
  touch.argument('<when>', '“each”, how long one touch of an officer is enough (15m), or “none”');
  touch.option('--security-key <name>', 'only this one (repeatable; default: any that is enrolled)', collect);
  touch.action(async (service: QuorumService, when: string, { securityKey }: { securityKey?: string[] }) => {
    const wanted = wantedTouch(when, securityKey);
    const now = await withPrompts(cli, ['gate'], () =>
      callAsUser(cli, 'hsm.approvalTouchSet', async (session) => ({ session, service, touch: wanted })),
    );
    const what = service === 'key' ? 'to destroy or export keys' : 'to manage users';
    cli.print(now, () => `Approvals ${what}: ${now.touch === null ? 'no touch' : gateWords(now.touch)}.\n`);
  });

  const token = parent.command('token').description('requests for the officers’ approval');
  token.copyInheritedSettings(parent);
  defineCreate(token, cli);
  defineShow(token, cli);

  leaf(parent, 'sign <file>', 'sign a token’s file with an officer’s own key; needs neither the vault nor a login', [
    'keyhold hsm quorum sign token.json --user alice --key alice.pem',
  ])
    .requiredOption('--user <name>', 'the officer')
    .requiredOption('--key <file>', 'the officer’s private key, as PEM: RSA-2048 or P-256')
    .option('-y, --yes', 'do not ask before signing')
    .action(async (path: string, options: { user: string; key: string; yes?: boolean }) => {
      const file = readTokenFile(path);
      if (file === null) throw new KeyholdError('NotFound', `There is no file ${path}.`);
      if (options.yes !== true) {
        const person = cli.needTerminal('Add --yes to sign without being asked.');
        if (!(await person.confirm(`${textOf(file)}\nSign this as ${options.user}?`, false))) throw new Cancelled();
      }
      const pem = readFile(options.key);
      try {
        const signature = signTokenFile(file, pem);
        const others = file.signatures.filter(({ user }) => user !== options.user);
        const signed = { ...file, signatures: [...others, { user: options.user, signature }] };
        writeFileAtomically(path, printTokenFile(signed));
        cli.print(
          signed,
          () => `Signed as ${options.user}: ${path} has ${signed.signatures.length} of ${file.required}.\n`,
        );
      } finally {
        wipe(pem);
      }
    });

  leaf(parent, 'approve <token>', 'approve a token: with the signatures in its file, or with an officer’s password', [
    'keyhold hsm quorum approve token.json               # the signatures in it',
    'keyhold hsm quorum approve 1f2e3d4c --user alice    # asks for the password that her key is kept under',
    'keyhold hsm quorum approve 1f2e3d4c --user bob --signature token.sig   # openssl dgst -sha256 -sign',
  ])
    .option('--user <name>', 'the officer who approves')
    .option('--signature <file>', 'this officer’s signature, as openssl writes it')
    .action(async (given: string, options: ApproveOptions) => {
      const approved = await approve(cli, given, options);
      cli.print(approved, () => tokenText(approved));
    });

  leaf(parent, 'cancel <token>', 'take a token back', ['keyhold hsm quorum cancel 1f2e3d4c']).action(
    async (given: string) => {
      const id = readTokenFile(given)?.id ?? given;
      const cancelled = await callAsUser(cli, 'hsm.quorumCancel', async (session) => ({ session, id }));
      cli.print(cancelled, () => `Token ${cancelled.id.slice(0, 8)} is cancelled.\n`);
    },
  );
}

function defineShow(token: Command, cli: Cli): void {
  leaf(token, 'show <token>', 'a token that waits, the text that officers sign, and its file anew', [
    'keyhold hsm quorum token show 1f2e3d4c',
    'keyhold hsm quorum token show 1f2e3d4c -o token.json   # for an officer with a key of their own',
  ])
    .option('-o, --output <file>', 'write the token’s file')
    .action(async (id: string, { output }: { output?: string }) => {
      refuseExisting(output);
      const { tokens } = await cli.call('hsm.users', {});
      const found = id.length < SHORT_ID ? undefined : tokens.find((one) => one.id.startsWith(id));
      if (found === undefined) {
        throw new KeyholdError(
          'NotFound',
          `No token ${id} waits: it has been used, cancelled or has expired. "keyhold hsm quorum status" lists those that do, with the first ${SHORT_ID} digits of their ids.`,
        );
      }
      if (output !== undefined) writeTokenFile(output, found);
      cli.print(found, () => {
        const text = `${tokenText(found)}\n${textOf(found)}`;
        return output === undefined ? text : `${text}\nIt is in ${output}, for keyhold hsm quorum sign.\n`;
      });
    });
}

async function approve(cli: Cli, given: string, options: ApproveOptions): Promise<QuorumTokenInfo> {
  const file = readTokenFile(given);
  const id = file?.id ?? given;
  const { user, signature } = options;
  if (signature !== undefined) {
    if (user === undefined) throw usageError('--signature needs --user: whose it is.');
    const bytes = readFile(signature).toString('base64');
    return withPrompts(cli, ['gate'], () => cli.call('hsm.quorumApprove', { id, user, signature: bytes }));
  }
  if (user !== undefined) {
    await cli.call('hsm.users', {});
    const password = await cli.password(`Password of ${user}: `);
    try {
      return await withPrompts(cli, ['gate'], () =>
        cli.callSealed('hsm.quorumApprove', async (seal) => ({
          id,
          user,
          password: await seal('hsm-password', password),
        })),
      );
    } finally {
      wipe(password);
    }
  }
  const { tokens } = await cli.call('hsm.users', {});
  let token = tokens.find((one) => one.id === id);
  for (const signed of file?.signatures ?? []) {
    if (token?.approvals.some((one) => one.user === signed.user)) continue;
    token = await withPrompts(cli, ['gate'], () => cli.call('hsm.quorumApprove', { id, ...signed }));
  }
  if (file === null) throw usageError('Say who approves with --user, or give a token’s file with signatures.');
  if (file.signatures.length === 0)
    throw usageError(`${given} has no signature yet. Sign it with "keyhold hsm quorum sign".`);
  if (token === undefined) throw new KeyholdError('NotFound', 'The token has been used, cancelled or has expired.');
  return token;
}
