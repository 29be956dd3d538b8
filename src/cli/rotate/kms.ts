import { KeyholdError } from '../../contract/errors.ts';
import type { KmsKeySummary } from '../../contract/kms.ts';
import type { Cli } from '../cli.ts';
import { Cancelled } from '../errors.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { table } from '../table.ts';
import { relativeTime } from '../words.ts';

export interface RotateKmsOptions {
  region?: string;
  yes?: boolean;
}

/**
 * `keyhold rotate kms`: without a key, which keys of local accounts rotate by themselves and when; with one, fresh material for it now (RotateKeyOnDemand). What was encrypted before stays
 * readable.
 */
export async function rotateKms(
  cli: Cli,
  account: string | undefined,
  key: string | undefined,
  options: RotateKmsOptions,
): Promise<void> {
  const { keys } = await cli.call('kms.keys', {});
  const fits = keys.filter(
    (one) =>
      one.rotatable &&
      (account === undefined || fold(one.account) === fold(account)) &&
      (options.region === undefined || one.region === options.region),
  );
  if (key === undefined) {
    await assertAccount(cli, account);
    cli.print({ keys: fits }, () => (fits.length === 0 ? NONE : list(fits, cli)));
    return;
  }
  const found = find(keys, fits, { account, key });
  const name = nameOf(found);
  const person = options.yes === true ? null : cli.needTerminal('Add --yes to rotate without being asked.');
  const question = `Give ${name} in ${found.account} (${found.region}) new key material? What it has encrypted stays readable.`;
  if (person !== null && !(await person.confirm(question, true))) throw new Cancelled();
  await withPrompts(cli, ['gate'], () =>
    cli.call('service.call', {
      ...{ account: found.account, region: found.region, service: 'kms', operation: 'RotateKeyOnDemand' },
      input: { KeyId: found.keyId },
    }),
  );
  cli.print(
    { account: found.account, region: found.region, keyId: found.keyId },
    () => `${name} has new key material; it encrypts with that from now on.\n`,
  );
}

const NONE = 'No KMS key here can rotate: only symmetric keys of local accounts do.\n';

async function assertAccount(cli: Cli, name: string | undefined): Promise<void> {
  if (name === undefined) return;
  const { accounts } = await cli.call('account.list', {});
  const found = accounts.find((one) => fold(one.name) === fold(name));
  if (found === undefined) {
    throw new KeyholdError('NotFound', `There is no account called ${name}. See keyhold account list.`);
  }
  if (found.kind === 'local') return;
  throw new KeyholdError(
    'InvalidInput',
    `${found.name} is an account of AWS; its KMS keys rotate there: keyhold exec PROFILE -- aws kms rotate-key-on-demand --key-id KEY.`,
  );
}

function find(
  all: readonly KmsKeySummary[],
  fits: readonly KmsKeySummary[],
  { account, key }: { account: string | undefined; key: string },
): KmsKeySummary {
  const isMeant = ({ keyId, arn, aliases }: KmsKeySummary): boolean =>
    [keyId, arn].includes(key) || aliases.some((alias) => alias === key || alias === `alias/${key}`);
  const found = fits.filter(isMeant);
  const [first, second] = found;
  if (first === undefined) {
    const other = all.find((one) => isMeant(one) && (account === undefined || fold(one.account) === fold(account)));
    if (other !== undefined) {
      throw new KeyholdError(
        'InvalidInput',
        `${nameOf(other)} cannot rotate: it is a key of spec ${other.spec} with material from ${other.origin}. Make a new key, and let its alias point to that.`,
      );
    }
    throw new KeyholdError(
      'NotFound',
      `There is no KMS key ${key} in ${account ?? 'the local accounts'}. keyhold rotate kms lists those that can rotate.`,
    );
  }
  if (second === undefined) return first;
  // The Regions of a multi-Region key rotate together, with its primary.
  const primary = found.every(({ keyId }) => keyId === first.keyId)
    ? found.find(({ multiRegion }) => multiRegion === 'PRIMARY')
    : undefined;
  if (primary !== undefined) return primary;
  throw new KeyholdError(
    'InvalidInput',
    `${key} is in ${found.map((one) => one.region).join(' and ')}. Say which one is meant with --region.`,
  );
}

function list(keys: readonly KmsKeySummary[], cli: Cli): string {
  const now = cli.now();
  return table(
    [
      { title: 'Key' },
      { title: 'Account' },
      { title: 'Region', fixed: true },
      { title: 'State', fixed: true },
      { title: 'Material' },
      { title: 'Rotates' },
    ],
    keys.map((one) => [
      nameOf(one),
      one.account,
      one.region,
      one.state,
      `number ${one.materials}, ${relativeTime(one.materialSince ?? one.createdAt, now)}`,
      rotatesWords(one, now),
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
}

function rotatesWords({ rotation, multiRegion, state }: KmsKeySummary, now: number): string {
  if (rotation === undefined) return 'on demand only';
  const every = `every ${rotation.periodInDays} d`;
  if (Date.parse(rotation.nextAt) <= now) return state === 'Enabled' ? `${every}, now` : `${every}, DUE once enabled`;
  return `${every}, ${relativeTime(rotation.nextAt, now)}${multiRegion === 'REPLICA' ? ' with its primary' : ''}`;
}

const nameOf = ({ aliases, keyId }: KmsKeySummary): string => aliases[0] ?? keyId;
const fold = (name: string): string => name.normalize('NFC').toLowerCase();
