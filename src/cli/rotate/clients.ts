import { createReplyKey } from '../../client/seal.ts';
import type { Client } from '../../contract/schemas.ts';
import type { Cli } from '../cli.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';
import { facts } from '../table.ts';
import { relativeTime } from '../words.ts';

export interface RotateClientsOptions {
  all?: boolean;
  overlap: string;
  yes?: boolean;
}

interface Rotated {
  name: string;
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  endpointUrl: string;
  previous: { name: string; accessKeyId: string; expiresAt: string } | null;
}

/** `keyhold rotate clients [NAME…]`: new keys for tools, each shown once as it is made: what was shown already counts, whatever happens to the next one. */
export async function rotateClients(cli: Cli, names: readonly string[], options: RotateClientsOptions): Promise<void> {
  if (names.length > 0 === (options.all === true)) throw usageError('Name the clients, or use --all.');
  const overlapSeconds = options.overlap === '0' ? 0 : parseDuration(options.overlap);
  const { clients } = await cli.call('client.list', {});
  const tools = clients.filter((one) => one.purpose === 'tool' && !one.expired);
  const wanted = names.length === 0 ? tools.map(({ name }) => name) : names;
  if (wanted.length === 0) {
    cli.print({ clients: [] }, () => `No tool has a client key.\n${endThemselves(clients)}`);
    return;
  }
  if (options.yes !== true && wanted.length > 1) await confirm(cli, wanted, overlapSeconds);
  const done: Rotated[] = [];
  try {
    for (const name of wanted) {
      const one = await rotate(cli, name, overlapSeconds);
      done.push(one);
      if (!cli.json) cli.print(one, () => rotatedText(cli, one));
    }
  } finally {
    if (cli.json) cli.print({ clients: done }, () => '');
  }
  if (!cli.json) cli.print(done, () => `${endThemselves(clients)}Put each new key where the one before is.\n`);
}

async function rotate(cli: Cli, name: string, overlapSeconds: number): Promise<Rotated> {
  const reply = await createReplyKey();
  const issued = await cli.call('client.rotate', { name, overlapSeconds, replyKey: reply.publicKey });
  const secret = await reply.open(issued.secretAccessKey, 'client-secret');
  return {
    name: issued.client.name,
    accessKeyId: issued.accessKeyId,
    secretAccessKey: new TextDecoder().decode(secret),
    region: issued.region,
    endpointUrl: issued.endpoint,
    previous: issued.previous,
  };
}

function rotatedText(cli: Cli, { name, previous, ...key }: Rotated): string {
  const before =
    previous === null
      ? 'ended'
      : `${previous.accessKeyId} works until ${previous.expiresAt} (${relativeTime(previous.expiresAt, cli.now())}), as ${previous.name}`;
  return `${facts([
    ['Client', name],
    ['Access key id', key.accessKeyId],
    ['Secret access key', key.secretAccessKey],
    ['Endpoint URL', key.endpointUrl],
    ['Region', key.region],
    ['The key before', before],
  ])}\n`;
}

/** Those that nobody has to do anything about. */
function endThemselves(clients: readonly Client[]): string {
  const count = clients.filter((one) => one.purpose !== 'tool' && !one.expired).length;
  return count === 0 ? '' : `Keys that were made for one run end by themselves: ${count}.\n`;
}

async function confirm(cli: Cli, names: readonly string[], overlapSeconds: number): Promise<void> {
  const person = cli.needTerminal('Use --yes.');
  const until = overlapSeconds === 0 ? 'Their keys end at once.' : 'Their keys work until the overlap is over.';
  const question = `New keys for ${names.join(', ')}? ${until}`;
  if (!(await person.confirm(question, false))) throw usageError('Nothing was changed.');
}
