import type { LeftSession } from '../../contract/leave.ts';
import type { Result } from '../../contract/methods.ts';
import type { Cli } from '../cli.ts';
import { table } from '../table.ts';
import { lasting } from '../words.ts';

const WAYS: Readonly<Record<LeftSession['ways'][number], string>> = {
  process: 'credential_process',
  container: 'container endpoint',
  console: 'console',
};

/** What has left Keyhold and until when, and who may fetch more; empty where there is nothing of it. */
export function outsideWords(cli: Pick<Cli, 'width' | 'paint'>, { left, leases }: Result<'leave.list'>): string {
  const look = { width: cli.width, header: cli.paint.dim };
  const gone =
    left.length === 0
      ? ''
      : `\nOutside of Keyhold, and good until they end:\n${table(
          [
            { title: 'Profile' },
            { title: 'Account' },
            { title: 'Left by' },
            { title: 'Good for', align: 'right', fixed: true },
            { title: 'Access key id', fixed: true },
          ],
          left.map((one) => [
            one.profile,
            one.account,
            one.ways.map((way) => WAYS[way]).join(', '),
            lasting(one.remainingSeconds),
            one.accessKeyId,
          ]),
          look,
        )}`;
  const fetching =
    leases.length === 0
      ? ''
      : `\nMay fetch more at the container endpoint:\n${table(
          [{ title: 'Profile' }, { title: 'Who' }, { title: 'Fetched', align: 'right' }, { title: 'Until' }],
          leases.map((one) => [one.profile, one.label, String(one.fetches), one.expiresAt ?? 'the command ends']),
          look,
        )}`;
  return gone + fetching;
}
