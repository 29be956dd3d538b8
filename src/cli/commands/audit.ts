import type { Params } from '../../contract/methods.ts';
import type { AuditEntry } from '../../contract/schemas.ts';
import { wholeNumber } from '../arguments.ts';
import { type Define, leaf } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { nameFile } from '../envelope/name-file.ts';
import { createWholeFile } from '../envelope/whole-file.ts';
import { ExitWith } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { send } from '../standard-output.ts';
import { table } from '../table.ts';
import { count } from '../words.ts';

interface ListOptions {
  limit: number;
  denied?: boolean;
  requests?: boolean;
  changes?: boolean;
  client?: string;
  profile?: string;
  account?: string;
  service?: string;
  text?: string;
  since?: string;
}

const PAGE = 1000;

export const define: Define = (command, cli) => {
  leaf(command, 'list', 'list the newest entries, newest first', [
    'keyhold audit list',
    'keyhold audit list --denied --since 1d',
    'keyhold audit list --service s3 --limit 500 --json',
  ])
    .option('-n, --limit <number>', 'how many', wholeNumber('--limit', 1, 100_000), 50)
    .option('--denied', 'only what was refused')
    .option('--requests', 'only requests')
    .option('--changes', 'only changes to the vault')
    .option('--client <name>', 'only of this client')
    .option('--profile <name>', 'only of this profile')
    .option('--account <name>', 'only of this account')
    .option('--service <name>', 'e.g. s3')
    .option('--text <text>', 'anywhere in action, client, profile, service, reason or target')
    .option('--since <duration>', 'not older than, e.g. 1h or 7d')
    .action(async (options: ListOptions) => {
      const filter = filterOf(options, cli.now());
      const entries: AuditEntry[] = [];
      let before: number | undefined;
      let total = 0;
      while (entries.length < options.limit) {
        const page = await cli.call('audit.list', {
          ...filter,
          limit: Math.min(PAGE, options.limit - entries.length),
          ...(before === undefined ? {} : { before }),
        });
        entries.push(...page.entries);
        total = page.total;
        if (page.nextBefore === null) break;
        before = page.nextBefore;
      }
      const broken = entries.filter((entry) => entry.broken !== undefined).length;
      if (broken > 0) {
        cli.note(
          `${count(broken, 'entry does', 'entries do')} not verify and cannot be believed: keyhold audit verify`,
        );
      }
      cli.print({ entries, total }, () =>
        entries.length === 0
          ? 'Nothing in the log fits.\n'
          : table(COLUMNS, entries.map(row), { width: cli.width, header: cli.paint.dim }),
      );
    });

  leaf(command, 'verify', 'verify the hash chain and every MAC', ['keyhold audit verify']).action(async () => {
    const result = await cli.call('audit.verify', {});
    cli.print(result, () =>
      result.ok
        ? `Intact: ${count(result.entries, 'entry', 'entries')}, every one in its place.\n`
        : `BROKEN at entry ${result.firstBroken ?? '?'}: ${result.message}\n`,
    );
    if (!result.ok) throw new ExitWith(EXIT.damaged);
  });

  leaf(command, 'export', 'write every entry with its hash and MAC as JSON lines, oldest first', [
    'keyhold audit export > audit.jsonl',
    'keyhold audit export --out audit.jsonl',
  ])
    .option('-o, --out <file>', 'write to a new file (mode 0600)')
    .action(async (options: { out?: string }) => {
      const { out } = options;
      let broken = 0;
      let written = 0;
      const whole = out === undefined ? undefined : await createWholeFile(out, { mode: 0o600 });
      try {
        for (let done = false, afterSeq = 0; !done; ) {
          const page = await cli.call('audit.export', { afterSeq, limit: PAGE });
          const lines = page.entries.map((entry) => `${JSON.stringify(exported(entry))}\n`).join('');
          broken += page.entries.filter((entry) => entry.broken !== undefined).length;
          await (whole === undefined ? send(lines) : whole.file.writeFile(lines));
          written += page.entries.length;
          afterSeq = page.entries.at(-1)?.seq ?? afterSeq;
          done = page.done || page.entries.length === 0;
        }
        await whole?.keep();
      } catch (error) {
        await whole?.drop();
        throw out === undefined ? error : nameFile(error, out);
      }
      if (out !== undefined) {
        cli.print(
          { path: out, entries: written, broken },
          () => `${count(written, 'entry', 'entries')} written to ${out}\n`,
        );
      }
      if (broken > 0) {
        cli.note(`${count(broken, 'line says', 'lines say')} "broken": what was there does not verify.`);
        throw new ExitWith(EXIT.damaged);
      }
    });
};

/** An entry as it is written to a file; of a broken one, only what is known. */
function exported(entry: AuditEntry): object {
  return entry.broken === undefined ? entry : { seq: entry.seq, broken: entry.broken };
}

function filterOf(options: ListOptions, now: number): Params<'audit.list'> {
  const kind = options.requests === options.changes ? undefined : options.requests === true ? 'request' : 'change';
  return {
    ...(options.denied === true ? { decision: 'denied' } : {}),
    ...(kind === undefined ? {} : { kind }),
    ...(options.client === undefined ? {} : { client: options.client }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.account === undefined ? {} : { account: options.account }),
    ...(options.service === undefined ? {} : { service: options.service }),
    ...(options.text === undefined ? {} : { text: options.text }),
    ...(options.since === undefined
      ? {}
      : { since: new Date(now - parseDuration(options.since) * 1000).toISOString() }),
  };
}

const COLUMNS = [
  { title: 'Seq', align: 'right', fixed: true },
  { title: 'Time', fixed: true },
  { title: 'Decision', fixed: true },
  { title: 'Who' },
  { title: 'Action' },
  { title: 'Profile' },
  { title: 'Region' },
  { title: 'Status', align: 'right', fixed: true },
  { title: 'ms', align: 'right', fixed: true },
  { title: 'Reason' },
] as const;

function row({ seq, event, broken }: AuditEntry): string[] {
  if (broken !== undefined) return [String(seq), '?', 'BROKEN', '', '', '', '', '', '', broken];
  return [
    String(seq),
    event.time.replace('T', ' ').slice(0, 19),
    event.decision,
    event.client ?? event.actor,
    event.service === undefined ? event.action : `${event.service} ${event.action}`,
    event.profile ?? '',
    event.region ?? '',
    String(event.status ?? event.answered ?? ''),
    event.latencyMs === undefined ? '' : event.latencyMs.toFixed(0),
    [event.reason ?? event.target ?? '', ...(event.mfa ?? []).map(touchWords)].filter((part) => part !== '').join('; '),
  ];
}

/** Which security key was touched for it: by its name and the beginning of its credential's id, which is whole with --json. */
function touchWords({ key, credentialId }: NonNullable<AuditEntry['event']['mfa']>[number]): string {
  return `touched ${key} (credential ${credentialId.slice(0, 16)}…)`;
}
