import { existsSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { printTokenFile, tokenFileOf } from '../../client/quorum-token-file.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { HsmRole, QuorumAct, QuorumService, QuorumTokenInfo } from '../../contract/hsm-users.ts';
import type { Gate } from '../../contract/schemas.ts';
import { collect, wholeNumber } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { expiresOption, leaf } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';
import { parseTouch } from '../gate-words.ts';
import { callAsUser } from '../hsm-users/session-file.ts';
import { tokenText } from '../hsm-users/words.ts';
import { publicKeyOf, roleOption } from './hsm-users.ts';

export const SERVICES = ['key', 'user'] as const;
const ACTS = [
  'destroy',
  'export',
  'add-user',
  'remove-user',
  'set-quorum',
  'set-touch',
  'require-login',
  'make-recovery-code',
] as const;
export const MOST_OFFICERS = 64;

interface CreateOptions {
  for: (typeof ACTS)[number];
  key?: string[];
  account?: string;
  user?: string;
  role?: HsmRole;
  publicKey?: string;
  service?: QuorumService;
  required?: number;
  touch?: string;
  securityKey?: string[];
  state?: 'on' | 'off';
  expires: string;
  output?: string;
}

/** What approvals are to want touched; null for nothing. */
export function wantedTouch(when: string, keys: string[] | undefined): Gate | null {
  if (when !== 'none') return { withinSeconds: parseTouch(when), keys: keys ?? 'any' };
  if (keys === undefined) return null;
  throw usageError('Without a touch, --security-key says nothing. Leave it out.');
}

export function defineCreate(token: Command, cli: Cli): void {
  leaf(token, 'create', 'ask the officers to approve one thing, once; an HSM user has to be logged in', [
    'keyhold hsm quorum token create --for destroy --key arn:aws:kms:eu-central-1:123456789012:key/1234abcd-… -o token.json',
    'keyhold hsm quorum token create --for destroy --account lab       # before account reset or remove',
    'keyhold hsm quorum token create --for export --account lab',
    'keyhold hsm quorum token create --for add-user --user bob --role crypto-officer --public-key bob.pub.pem',
    'keyhold hsm quorum token create --for set-quorum --service key --required 1 --expires 2h',
    'keyhold hsm quorum token create --for set-touch --service key --touch each --security-key blue',
    'keyhold hsm quorum token create --for make-recovery-code         # before vault slot add --recovery-code',
  ])
    .addOption(new Option('--for <act>', 'what is to be approved').choices(ACTS).makeOptionMandatory())
    .option('--key <arn>', 'destroy, export: a KMS key (repeatable)', collect)
    .option('--account <name>', 'destroy, export: all KMS keys of a local account')
    .option('--user <name>', 'add-user, remove-user: the user')
    .addOption(roleOption())
    .option('--public-key <file>', 'add-user: the officer’s own public key, as PEM')
    .addOption(new Option('--service <service>', 'set-quorum, set-touch: which rule').choices(SERVICES))
    .option('--required <number>', 'set-quorum: how many officers', wholeNumber('--required', 0, MOST_OFFICERS))
    .option('--touch <when>', 'set-touch: “each”, how long one touch is enough (15m), or “none”')
    .option('--security-key <name>', 'set-touch: only this security key (repeatable)', collect)
    .addOption(new Option('--state <state>', 'require-login: the new state').choices(['on', 'off'] as const))
    .addOption(expiresOption('how long it can be approved and used, at most 7d').default('1d'))
    .option('-o, --output <file>', 'write the token’s file, for officers with keys of their own')
    .action(async (options: CreateOptions) => {
      const act = actOf(options);
      const expiresInSeconds = parseDuration(options.expires);
      const { output } = options;
      refuseExisting(output);
      const made = await callAsUser(cli, 'hsm.quorumTokenCreate', async (session) => ({
        session,
        act,
        expiresInSeconds,
      }));
      if (output !== undefined) writeTokenFile(output, made);
      cli.print(made, () => {
        const where = output === undefined ? '' : `It is in ${output}, for keyhold hsm quorum sign.\n`;
        return `${tokenText(made)}${where}Approve it with keyhold hsm quorum approve ${made.id.slice(0, 8)} --user NAME.\n`;
      });
    });
}

export function refuseExisting(output: string | undefined): void {
  if (output === undefined || !existsSync(output)) return;
  throw new KeyholdError('AlreadyExists', `${output} is there already. Choose another name.`);
}

export function writeTokenFile(path: string, token: QuorumTokenInfo): void {
  writeFileSync(path, printTokenFile(tokenFileOf(token)), { flag: 'wx', mode: 0o600 });
}

function needed<T>(value: T | undefined, option: string, { for: act }: CreateOptions): T {
  if (value !== undefined) return value;
  throw usageError(`--for ${act} needs ${option}.`);
}

function actOf(options: CreateOptions): QuorumAct {
  switch (options.for) {
    case 'destroy':
    case 'export': {
      const { key, account } = options;
      if ((key === undefined) === (account === undefined)) {
        throw usageError(`--for ${options.for} needs --key or --account, one of them.`);
      }
      return {
        do: options.for,
        ...(key === undefined ? {} : { keys: key }),
        ...(account === undefined ? {} : { account }),
      };
    }
    case 'add-user':
      return {
        do: 'add-user',
        name: needed(options.user, '--user', options),
        role: needed(options.role, '--role', options),
        ...publicKeyOf(options.publicKey),
      };
    case 'remove-user':
      return { do: 'remove-user', name: needed(options.user, '--user', options) };
    case 'set-quorum':
      return {
        do: 'set-quorum',
        service: needed(options.service, '--service', options),
        required: needed(options.required, '--required', options),
      };
    case 'set-touch':
      return {
        do: 'set-approval-touch',
        service: needed(options.service, '--service', options),
        touch: wantedTouch(needed(options.touch, '--touch', options), options.securityKey),
      };
    case 'require-login':
      return { do: 'set-key-use', needsLogin: needed(options.state, '--state', options) === 'on' };
    case 'make-recovery-code':
      return { do: 'make-recovery-code' };
  }
}
